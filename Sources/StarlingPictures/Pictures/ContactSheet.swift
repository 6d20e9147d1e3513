import Foundation
public import Starling

extension Drawing {
  /// A sheet of many small images, those of a class together behind its name.
  ///
  /// - Parameters:
  ///   - images: Images `[1, height, width]` or `[3, height, width]`, numbers from 0 to 1.
  ///   - labels: The class of each image; empty where there are none, and the images stand in their order.
  ///   - columns: How many stand side by side.
  ///   - title: The picture's title.
  ///   - subtitle: The line below it; by default how many images there are.
  /// - Returns: The sheet, classes in the order of their names, numbers by their value.
  /// - Throws: ``PictureError`` when there is no image, no column, not a label for each image, or an
  ///   image is neither grey nor RGB.
  public static func contactSheet(
    images: [Tensor], labels: [String] = [], columns: Int = 16, title: String = "Images",
    subtitle: String? = nil
  ) throws(PictureError) -> Drawing {
    guard !images.isEmpty, columns > 0 else {
      throw PictureError(
        "\(title): expected images and at least one column, got \(counted(images.count, "image")) "
          + "in \(counted(columns, "column")); give it both")
    }
    guard labels.isEmpty || labels.count == images.count else {
      throw PictureError(
        "\(title): expected a label for each of the \(counted(images.count, "image")), "
          + "got \(labels.count); give each image its label, or none any")
    }
    let groups = labels.isEmpty ? [("", images)] : grouped(images, by: labels)

    let (side, gap, groupGap) = (42.0, 4.0, 12.0)
    let names = groups.map { StrokeFont.width(of: $0.name, size: Style.bodySize) }.max() ?? 0
    let left = Style.margin + (names > 0 ? (names + 20).rounded(.up) : 0)
    let widest = groups.map { min($0.images.count, columns) }.max() ?? 0
    let lines = groups.map { ($0.images.count + columns - 1) / columns }.reduce(0, +)
    var drawing = Drawing(
      heading: title, subtitle: subtitle ?? counted(images.count, "image"),
      width: left + Double(widest) * (side + gap) - gap + Style.margin,
      height: Style.contentTop + Double(lines) * (side + gap) - gap
        + Double(groups.count - 1) * groupGap + Style.margin)

    var top = Style.contentTop
    for group in groups {
      drawing.write(
        group.name, at: Point(Style.margin, top + side / 2 + 5), size: Style.bodySize,
        color: Style.ink)
      for (index, image) in group.images.enumerated() {
        let (row, column) = (index / columns, index % columns)
        let box = Box(
          x: left + Double(column) * (side + gap), y: top + Double(row) * (side + gap),
          width: side, height: side)
        try drawing.image(image, in: box.fitting(image.shape))
      }
      top += Double((group.images.count + columns - 1) / columns) * (side + gap) + groupGap
    }
    return drawing
  }

  private static func grouped(
    _ images: [Tensor], by labels: [String]
  ) -> [(name: String, images: [Tensor])] {
    var groups: [String: [Tensor]] = [:]
    for (image, label) in zip(images, labels) { groups[label, default: []].append(image) }
    return groups.map { (name: $0.key, images: $0.value) }
      .sorted { $0.name.compare($1.name, options: .numeric) == .orderedAscending }
  }
}
