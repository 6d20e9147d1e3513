import Foundation
import Starling

extension URL {
  /// The path as the user gave it, fit for one line of a message.
  var shownPath: String { (isFileURL ? relativePath : absoluteString).printable }
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
