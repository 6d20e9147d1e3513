/// How a picture becomes the numbers that a network was trained on.
///
/// It travels in the model file, so that a picture met later is brought to what the training
/// pictures looked like.
public struct Preprocessing: Hashable, Codable, Sendable {
  /// Where the drawing lies in the picture.
  public enum Placement: Hashable, Codable, Sendable {
    /// The whole picture, stretched to the network's input.
    case wholePicture
    /// As MNIST places its digits: what is drawn is cropped, scaled into a square box of `box` pixels
    /// keeping its proportions, and put so that its centre of mass is the middle of the picture.
    case centerOfMass(box: Int)
  }

  /// What a byte from 0 to 255 is multiplied by.
  public var scale: Float
  /// Where the drawing lies in the picture.
  public var placement: Placement
  /// Whether drawings are light on a dark ground, so that pictures of the other polarity are inverted.
  public var isLightOnDark: Bool

  /// Preprocessing with the given parts.
  public init(scale: Float, placement: Placement, isLightOnDark: Bool) {
    self.scale = scale
    self.placement = placement
    self.isLightOnDark = isLightOnDark
  }

  /// Whether a picture can be prepared like this: a positive scale, and a box with room in it.
  public var isUsable: Bool {
    guard scale > 0, scale.isFinite else { return false }
    if case .centerOfMass(let box) = placement { return box > 0 }
    return true
  }

  /// What MNIST's makers did: light on dark, in a box of 20×20, bytes scaled to 0…1.
  public static let mnist = Preprocessing(
    scale: 1 / 255, placement: .centerOfMass(box: 20), isLightOnDark: true)

  /// Bytes scaled to 0…1, and nothing else.
  public static let bytes = Preprocessing(
    scale: 1 / 255, placement: .wholePicture, isLightOnDark: false)
}
