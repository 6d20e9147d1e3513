import Foundation
public import Starling

/// A file that is not what it should be.
///
/// Its description is one line: the file, the byte, what was expected there, what was found, and what
/// to do.
public struct DataFileError: StarlingError, Hashable {
  /// The file's name, as the user gave it.
  public let file: String
  /// The byte at which the trouble lies, where there is one.
  public let byteOffset: Int?
  /// Whether bytes are counted in what the file decompresses to, rather than in the file itself.
  public let isOffsetDecompressed: Bool
  /// What should have been there.
  public let expected: String
  /// What was there.
  public let found: String
  /// What to do.
  public let remedy: String

  /// An error with the given parts.
  public init(
    file: String, byteOffset: Int? = nil, isOffsetDecompressed: Bool = false, expected: String,
    found: String, remedy: String
  ) {
    self.file = file
    self.byteOffset = byteOffset
    self.isOffsetDecompressed = isOffsetDecompressed
    self.expected = expected
    self.found = found
    self.remedy = remedy
  }

  /// The whole error in one line.
  public var description: String {
    var place = ""
    if let byteOffset {
      place = ", byte \(byteOffset)\(isOffsetDecompressed ? " of its decompressed data" : "")"
    }
    return "\(file)\(place): expected \(expected), found \(found); \(remedy)"
  }
}

extension URL {
  /// The path as the user gave it, fit for one line of a message.
  var shownPath: String {
    let path = isFileURL ? relativePath : absoluteString
    let scalars = path.unicodeScalars.map {
      $0.properties.generalCategory == .control ? "\u{FFFD}" : $0
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension Error {
  /// What went wrong with a file, in a few words.
  var fileReason: String {
    switch (self as? CocoaError)?.code {
    case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file or folder"
    case .fileReadNoPermission, .fileWriteNoPermission: return "no permission"
    case .fileWriteOutOfSpace: return "no room on the disk"
    case .fileWriteVolumeReadOnly: return "a disk that cannot be written"
    default: break
    }
    let outer = self as NSError
    let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
    for error in [inner, outer].compactMap({ $0 }) where error.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(error.code)))
    }
    return localizedDescription
  }
}
