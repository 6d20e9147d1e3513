import Starling

extension DatasetSplit {
  /// Both halves with the chosen classes alone, and the training half limited.
  func choosing(classes: [Int]?, limitPerClass: Int?) throws(DatasetError) -> DatasetSplit {
    if let limitPerClass, limitPerClass < 1 {
      throw DatasetError("a limit of \(limitPerClass) images a class takes none; give 1 or more")
    }
    // All of them in their own order is what is here: no need for a copy of every pixel.
    let all = Array(train.classNames.indices)
    if classes ?? all == all && limitPerClass == nil { return self }
    let chosen = DatasetSplit(
      train: try train.choosing(classes: classes ?? all, limitPerClass: limitPerClass),
      test: try test.choosing(classes: classes ?? all))
    for (half, name) in [(chosen.train, "training"), (chosen.test, "test")] where half.isEmpty {
      throw DatasetError(
        "there is no \(name) image of the classes \(half.classNames.joined(separator: ", ")); "
          + "choose classes that the data have")
    }
    return chosen
  }
}
