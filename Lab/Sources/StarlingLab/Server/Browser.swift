import Foundation

/// The person's own browser, where there is one to be opened.
enum Browser {
  /// Opens an address; without waiting for what becomes of it.
  ///
  /// - Returns: Whether there is something that opens addresses and a display to open them on.
  static func open(_ address: String) -> Bool {
    #if os(macOS)
      let opener: String? = "/usr/bin/open"
    #else
      let environment = ProcessInfo.processInfo.environment
      // Without a display, what opens addresses may take the terminal for a browser of text.
      let hasDisplay = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
      let folders = (environment["PATH"] ?? "").split(separator: ":")
      let opener =
        hasDisplay
        ? folders.map { "\($0)/xdg-open" }.first(where: FileManager.default.isExecutableFile) : nil
    #endif
    guard let opener else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: opener)
    process.arguments = [address]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return (try? process.run()) != nil
  }
}
