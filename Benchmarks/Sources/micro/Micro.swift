import Foundation
import Starling

/// `micro`: what share of the machine's peak each of the engine's loops reaches.
@main
struct Micro {
  private static let usage = """
    usage: micro [--json] [--only TEXT] [--growth]

      --json       one JSON document on standard output instead of a table
      --only TEXT  only the loops whose names have TEXT in them
      --growth     images a second of a layer over its channels and image sizes, as JSON

    STARLING_INSTRUCTIONS=baseline|avx2|avx512 forces an instruction set.
    """

  static func main() {
    var (json, growth, wanted) = (false, false, "")
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      switch argument {
      case "--json": json = true
      case "--growth": growth = true
      case "--only":
        guard let text = arguments.popFirst() else { stop("--only: expected a text", code: 64) }
        wanted = text
      case "--help", "-h":
        print(usage)
        return
      default: stop("expected --json, --only TEXT or --growth, got \(argument)", code: 64)
      }
    }
    do {
      let name = ProcessInfo.processInfo.environment[InstructionSet.variable]
      _ = try InstructionSet.chosen(by: name)
      if growth {
        try printJSON(Growth.measured())
      } else {
        let report = measured(wanted)
        if report.findings.isEmpty { stop("--only: no loop has \(wanted) in its name", code: 1) }
        if json { try printJSON(report) } else { print(table(report)) }
      }
    } catch {
      stop("\(error)", code: 1)
    }
  }

  private static func stop(_ message: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    exit(code)
  }

  private static func measured(_ wanted: String) -> Report {
    var bench = Bench(wanted: wanted)
    bench.measureMatrixProducts()
    bench.measureDirectConvolutions()
    bench.measureWinogradTransforms()
    bench.measureDense()
    bench.measureFunctions()
    bench.measureTransposes()
    bench.measureThreads()
    return bench.report
  }

  private static func printJSON(_ document: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(document), as: UTF8.self))
  }

  // MARK: - Table

  private static func table(_ report: Report) -> String {
    let header = ["loop", "size", "threads", "µs", "GFLOP/s", "of peak", "GB/s", "ns/number"]
    let rows = report.findings.map { finding in
      [
        finding.loop, finding.size, "\(finding.threads)", text(finding.nanoseconds / 1000, 3),
        text(finding.gigaflops, 1), finding.shareOfPeak.map { text(100 * $0, 1) + " %" } ?? "",
        text(finding.gigabytes, 1), text(finding.perElement, 3),
      ]
    }
    let lines = [header] + rows
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let body = lines.map { line in
      line.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column < 2 ? text + padding : padding + text
      }.joined(separator: "  ").replacing(/\s+$/, with: "")
    }
    let peak = text(report.peakGigaflops, 1)
    let title = "\(report.instructionSet), peak of one core \(peak) GFLOP/s"
    return ([title, ""] + body).joined(separator: "\n")
  }

  private static func text(_ number: Double?, _ digits: Int) -> String {
    number.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}
