import Foundation
import Starling
import Testing

@Suite("Instruction sets by name")
struct InstructionSetTests {
  @Test("A program that forces one that there is not is stopped, and told why in every build")
  func refusedByName() async throws {
    let stopped = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        setenv(InstructionSet.variable, "avx1024", 1)
        print(InstructionSet.current)
      })
    let errors = String(decoding: stopped.standardErrorContent, as: UTF8.self)
    for part in [InstructionSet.variable, "baseline", "found avx1024", "unset the variable"] {
      #expect(errors.contains(part), "\(errors)")
    }
  }
}
