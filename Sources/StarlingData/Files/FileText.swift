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
    case .fileReadNoSuchFile, .fileNoSuchFile: return systemReason(ENOENT)
    case .fileReadNoPermission, .fileWriteNoPermission: return systemReason(EACCES)
    case .fileWriteOutOfSpace: return systemReason(ENOSPC)
    case .fileWriteVolumeReadOnly: return systemReason(EROFS)
    default: break
    }
    let outer = self as NSError
    let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
    for error in [inner, outer].compactMap({ $0 }) where error.domain == NSPOSIXErrorDomain {
      return systemReason(CInt(error.code))
    }
    return localizedDescription
  }
}

/// What went wrong with a file, from the system's number for it.
func systemReason(_ code: CInt) -> String {
  switch code {
  case ENOENT: "no such file or folder"
  case EACCES: "no permission"
  case ENOSPC: "no room on the disk"
  case EROFS: "a disk that cannot be written"
  default: String(cString: strerror(code))
  }
}
