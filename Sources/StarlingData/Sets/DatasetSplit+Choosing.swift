public import Starling

extension DatasetSplit {
  /// Both halves with the chosen classes alone, and the training half limited.
  ///
  /// - Parameters:
  ///   - classes: The classes to keep, by their positions in `classNames`, in the order in which they
  ///     are to be numbered; `nil` keeps all.
  ///   - limitPerClass: The most training images of each class to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  /// - Returns: The two halves, each with images of every class.
  /// - Throws: `DatasetError` when a class does not exist or is named twice, the limit is below 1, or
  ///   a half has no image of one of them.
  public func choosing(
    classes: [Int]? = nil, limitPerClass: Int? = nil
  ) throws(DatasetError) -> DatasetSplit {
    if let limitPerClass, limitPerClass < 1 {
      throw DatasetError("a limit of \(limitPerClass) images a class takes none; give 1 or more")
    }
    var chosen = self
    // All of them in their own order is what is here: no need for a copy of every pixel.
    let all = Array(train.classNames.indices)
    if classes ?? all != all || limitPerClass != nil {
      chosen.train = try train.choosing(classes: classes ?? all, limitPerClass: limitPerClass)
      chosen.test = try test.choosing(classes: classes ?? all)
    }
    for (half, name) in [(chosen.train, "training"), (chosen.test, "test")] {
      let seen = Set(half.labels)
      let missing = half.classNames.indices.filter { !seen.contains($0) }
      guard missing.isEmpty else {
        throw DatasetError(
          "there is no \(name) image of the class "
            + "\(missing.map { half.classNames[$0] }.joined(separator: ", ")); "
            + "choose classes that the data have")
      }
    }
    return chosen
  }
}
