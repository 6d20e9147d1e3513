// Names the public symbols that stand in the source without a comment, and fails if there are any.
//
//     swift Scripts/undocumented.swift GRAPH.symbols.json…
//
// A symbol that the compiler adds by itself, such as `==`, has no place in the source and needs none.

import Foundation

struct SymbolGraph: Decodable {
  struct Symbol: Decodable {
    struct Comment: Decodable {}
    struct Location: Decodable {
      struct Position: Decodable {
        let line: Int
      }
      let uri: String
      let position: Position
    }
    struct Kind: Decodable {
      let identifier: String
    }
    let kind: Kind
    let pathComponents: [String]
    let docComment: Comment?
    let location: Location?
  }
  let symbols: [Symbol]
}

var found = false
for path in CommandLine.arguments.dropFirst() {
  let graph = try JSONDecoder().decode(
    SymbolGraph.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  for symbol in graph.symbols where symbol.docComment == nil {
    // An extension of another module's type is a place for symbols, not one itself.
    guard let location = symbol.location, symbol.kind.identifier != "swift.extension" else {
      continue
    }
    let name = symbol.pathComponents.joined(separator: ".")
    let file = location.uri.replacing("file://", with: "")
    print("\(file):\(location.position.line + 1): error: \(name) is public and not documented")
    found = true
  }
}
exit(found ? 1 : 0)
