import CStarlingKernels
import Foundation

/// The processor's instructions that the kernels run with.
///
/// The loops are compiled for each of them, and the largest that the machine has is chosen when the first
/// kernel is needed. The environment variable `STARLING_INSTRUCTIONS` forces a smaller one by name.
/// Results of two sets agree to rounding, not to the bit.
public enum InstructionSet: String, CaseIterable, Codable, Sendable {
  /// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
  case baseline
  /// AVX2 and FMA.
  case avx2
  /// AVX-512 F, BW, DQ and VL.
  case avx512

  /// Whether this machine can run it.
  public var isSupported: Bool { starling_supports(table) }

  /// The one that kernels run with: the forced one, or the largest that the machine has.
  ///
  /// A programmer who forces one that the machine lacks is stopped here; a command line asks
  /// ``chosen(by:)`` first and reports the error.
  public static let current: InstructionSet = {
    do throws(InstructionSetError) {
      return try chosen(by: ProcessInfo.processInfo.environment[variable])
    } catch {
      // Unlike a failed precondition, this says why in an optimized build, too.
      fatalError(error.description)
    }
  }()

  /// The environment variable that forces a set.
  public static let variable = "STARLING_INSTRUCTIONS"

  /// The set of a name, or the largest that the machine has when there is none.
  ///
  /// - Throws: ``InstructionSetError`` for a name that is no set, or a set that this machine lacks.
  public static func chosen(by name: String?) throws(InstructionSetError) -> InstructionSet {
    let supported = allCases.filter(\.isSupported)
    guard let name, !name.isEmpty else { return supported.last ?? .baseline }
    guard let set = InstructionSet(rawValue: name), supported.contains(set) else {
      throw InstructionSetError(name: name, supported: supported)
    }
    return set
  }

  /// The number that the C room knows it by.
  var table: starling_set {
    switch self {
    case .baseline: starling_baseline
    case .avx2: starling_avx2
    case .avx512: starling_avx512
    }
  }
}

/// A forced instruction set that cannot be used.
public struct InstructionSetError: StarlingError, Hashable {
  /// What was asked for.
  public let name: String
  /// What this machine has.
  public let supported: [InstructionSet]

  /// What is wrong, and what to do.
  public var description: String {
    let isKnown = InstructionSet(rawValue: name) != nil
    let fault = isKnown ? "this processor lacks it" : "there is no such set"
    return "\(InstructionSet.variable): expected one of "
      + "\(supported.map(\.rawValue).joined(separator: ", ")), found \(name.printable), but \(fault); "
      + "choose another, or unset the variable"
  }
}
