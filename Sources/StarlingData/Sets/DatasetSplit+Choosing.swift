public import Starling

extension DatasetSplit {
  /// Both halves with the chosen classes alone, and the training half limited.
  ///
  /// - Parameters:
  ///   - classes: The classes to keep, by their positions in `classNames`, in the order in which they
  ///     are to be numbered; `nil` keeps all.
  ///   - limitPerClass: The most training images of each class to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  /// - Returns: The two halves, neither of which is empty.
  /// - Throws: `DatasetError` when a class does not exist or is named twice, the limit is below 1, or
  ///   a half is empty, or there is nothing to learn a named class
  ///   from.
  public func choosing(
    classes: [Int]? = nil, limitPerClass: Int? = nil
  ) throws(DatasetError) -> DatasetSplit {
    try Self.check(limitPerClass: limitPerClass)
    var chosen = self
    // All of them in their own order is what is here: no need for a copy of every pixel.
    let all = Array(train.classNames.indices)
    if classes ?? all != all || limitPerClass != nil {
      chosen.train = try train.choosing(classes: classes ?? all, limitPerClass: limitPerClass)
      chosen.test = try test.choosing(classes: classes ?? all)
    }
    try chosen.check(namesClasses: classes != nil)
    return chosen
  }

  /// That a limit leaves images to take.
  static func check(limitPerClass: Int?) throws(DatasetError) {
    if let limitPerClass, limitPerClass < 1 {
      throw DatasetError("a limit of \(limitPerClass) images a class takes none; give 1 or more")
    }
  }

  /// That a choice has left images in both halves, and of each class if somebody named the classes.
  func check(namesClasses: Bool) throws(DatasetError) {
    for (half, name) in [(train, "training"), (test, "test")] where half.isEmpty {
      throw DatasetError(
        "there is no \(name) image of the classes \(half.classNames.joined(separator: ", ")); "
          + "choose classes that the data have")
    }
    // Who names a class wants it learned; in a set of gaps, such as the labels 1, 3 and 4, nobody did.
    let learned = Set(train.labels)
    if namesClasses,
      let missing = train.classNames.indices.first(where: { !learned.contains($0) })
    {
      throw DatasetError(
        "there is no training image of the class \(train.classNames[missing]); "
          + "choose classes that the data have")
    }
  }
}
