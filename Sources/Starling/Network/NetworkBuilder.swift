/// Lets a network be written as a list of its layers, with `if` and `for` where they help.
@resultBuilder
public enum NetworkBuilder {
  /// One layer.
  public static func buildExpression(_ recipe: any Recipe) -> [any Recipe] { [recipe] }
  /// Layers made elsewhere.
  public static func buildExpression(_ recipes: [any Recipe]) -> [any Recipe] { recipes }
  /// Layers one after another.
  public static func buildBlock(_ parts: [any Recipe]...) -> [any Recipe] { parts.flatMap { $0 } }
  /// The layers of each round of a loop.
  public static func buildArray(_ parts: [[any Recipe]]) -> [any Recipe] { parts.flatMap { $0 } }
  /// Layers that are there or not.
  public static func buildOptional(_ part: [any Recipe]?) -> [any Recipe] { part ?? [] }
  /// The layers of one branch.
  public static func buildEither(first part: [any Recipe]) -> [any Recipe] { part }
  /// The layers of the other branch.
  public static func buildEither(second part: [any Recipe]) -> [any Recipe] { part }
}
