import Foundation

/// Runs a test with a folder of its own, which is removed afterwards.
func withTemporaryFolder(_ test: (_ path: String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "starling-\(UUID().uuidString)").path(percentEncoded: false)
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try test(folder)
}
