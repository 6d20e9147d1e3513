/// The processor's instructions that the kernels are compiled for.
public enum InstructionSet: String, Codable, Sendable {
  /// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
  case baseline

  /// The one that kernels run with on this machine.
  ///
  /// They are Swift, and Swift is compiled for the smallest processor of the target.
  public static var current: InstructionSet { .baseline }
}
