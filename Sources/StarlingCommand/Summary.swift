import ArgumentParser
import Foundation
import Starling

/// `starling summary`: what a network consists of, and how it is run.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a network's layers, or the plan by which it is run.",
    discussion: """
      A plan is what a network becomes for a batch size: steps over one workspace, neighbours fused, an \
      algorithm and a layout chosen for each. Its steps stand in the order in which they run. The \
      expected share of time follows from a step's multiply-adds and bytes; --measure adds the time that \
      it takes on this machine.
      """)

  @Argument(help: "A model's file.")
  var model: String?

  @Option(help: ArgumentHelp("A network that has learned nothing yet.", valueName: Preset.names))
  var preset: Preset?

  @Flag(help: "Show the plan.")
  var plan = false

  @Option(
    help:
      "Whether the plan is that of training steps, which is shown without it, or of predictions.")
  var mode: Bench.Mode?

  @Option(
    parsing: .unconditional,
    help: "How many images a batch has; without it, as many as in the preset's training, or 1.")
  var batchSize: Int?

  @Flag(help: "Run the plan and show where time goes.")
  var measure = false

  @OptionGroup var threadOptions: ThreadOptions
  @OptionGroup var exactness: ExactnessOptions

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func validate() throws {
    try positive(batchSize, "--batch-size", atMost: largestBatch, "1 is the deck's")
  }

  func run() throws {
    try oneNetwork(model, preset)
    let aboutPlans = [
      ("--measure", measure), ("--mode", mode != nil), ("--batch-size", batchSize != nil),
      ("--threads", threadOptions.count != nil), ("--exact", exactness.isExact),
    ]
    if !plan, let (flag, _) = aboutPlans.first(where: \.1) {
      throw ValidationError("\(flag) is about a plan; give --plan, too")
    }
    if mode == .infer, let batchSize, batchSize > Network.mostImagesAtOnce {
      throw ValidationError(
        "--batch-size: expected at most \(Network.mostImagesAtOnce), got \(batchSize); "
          + "predictions for more images are made so many at a time")
    }
    let preset = preset ?? .zeroOne
    var network =
      try model.map(Network.init(contentsOf:))
      ?? Network(
        input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: preset.classes.count))
    network.isExact = exactness.isExact
    if plan {
      try showPlan(of: network, batch: batchSize ?? (model == nil ? preset.batchSize : 1))
    } else {
      try showLayers(of: network)
    }
  }

  // MARK: - Layers

  private struct LayerReport: Encodable {
    let layer, output: String
    let parameters: Int
  }

  private func showLayers(of network: Network) throws {
    let reports = network.layers.indices.map { position in
      LayerReport(
        layer: network.place(ofLayer: position), output: "\(network.layers[position].outputShape)",
        parameters: network.layers[position].parameters.learnedCount)
    }
    guard !json else { return try Console.print(json: reports) }
    Console.print(
      table(
        [["layer", "output", "parameters"], ["input", "\(network.inputShape)", ""]]
          + reports.map { [$0.layer, $0.output, grouped($0.parameters)] }
          + [["", "", grouped(network.parameterCount)]],
        numbersFrom: 2))
  }

  // MARK: - The plan

  private func showPlan(of network: Network, batch: Int) throws {
    let mode = mode ?? .train
    let work: Network.PlanWork = mode == .infer ? .inference : .training(network.usualLoss)
    guard
      let summary = try network.planSummary(
        for: work, batchSize: batch, threads: threadOptions.threads, isMeasured: measure)
    else {
      throw CommandError(
        "the network has a layer that no plan knows, so it runs layer by layer; "
          + "`starling summary` without --plan shows its layers")
    }
    guard !json else { return try Console.print(json: summary) }
    var rows = [["layers", "step", "algorithm", "multiply-adds", "KiB", "expected"]]
    if measure { rows[0].append("µs") }
    for step in summary.steps {
      rows.append([
        step.layers, step.task, step.algorithm, grouped(step.multiplyAdds),
        grouped(step.bytes / 1024), percent(step.expectedShare),
      ])
      if let time = step.measuredMicroseconds { rows[rows.count - 1].append(fixed(time, 1)) }
    }
    Console.print(table(rows, numbersFrom: 3))
    Console.print(
      "\n\(mode == .infer ? "predictions" : "training"), batch \(batch), "
        + "\(summary.instructionSet.rawValue), workspace \(grouped(summary.workspaceBytes / 1024)) KiB"
    )
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  /// Rows as lines with aligned columns, numbers to the right.
  private func table(_ rows: [[String]], numbersFrom first: Int) -> String {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column < first ? text + padding : padding + text
      }.joined(separator: "  ").replacing(/\s+$/, with: "")
    }.joined(separator: "\n")
  }
}
