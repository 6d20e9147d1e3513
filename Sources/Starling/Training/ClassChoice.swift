/// Which images a choice of classes takes, told by their labels alone: their pixels need not be there.
package struct ClassChoice: Sendable {
  /// The positions of the images that are taken, in their order.
  package let positions: [Int]
  /// For each of them the index of its class among those chosen.
  package let labels: [Int]
  /// What the chosen classes are called.
  package let classNames: [String]

  /// Takes the images of some classes.
  ///
  /// - Parameters:
  ///   - labels: The class of each image.
  ///   - names: What all classes are called.
  ///   - classes: Indices of classes to keep, in the order in which they are to be numbered.
  ///   - limitPerClass: The most images of each class to take, the first ones; `nil` takes all.
  /// - Throws: ``DatasetError`` when a class does not exist, or is named twice.
  package init(
    from labels: [Int], named names: [String], classes: [Int],
    limitPerClass: Int? = nil
  ) throws(DatasetError) {
    if let unknown = classes.first(where: { !names.indices.contains($0) }) {
      throw DatasetError("there is no class \(unknown); the classes are 0 to \(names.count - 1)")
    }
    guard !classes.isEmpty, Set(classes).count == classes.count else {
      throw DatasetError("classes \(classes): name at least one, and each once")
    }
    var newLabel = [Int?](repeating: nil, count: names.count)
    for (index, name) in classes.enumerated() { newLabel[name] = index }
    var taken = [Int](repeating: 0, count: classes.count)
    var positions: [Int] = []
    var newLabels: [Int] = []
    for (position, label) in labels.enumerated() {
      guard let chosen = newLabel[label], taken[chosen] < limitPerClass ?? .max else { continue }
      taken[chosen] += 1
      positions.append(position)
      newLabels.append(chosen)
    }
    self.positions = positions
    self.labels = newLabels
    classNames = classes.map { names[$0] }
  }
}
