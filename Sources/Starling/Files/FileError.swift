/// A file that cannot be read or written: which one, at which byte, what is wrong, and what to do.
///
///     model.safetensors, byte 1048: expected "}", found the end of the header; the file is cut short
public struct FileError: StarlingError, Hashable {
  /// The file's path, or what the bytes are called when they come from elsewhere.
  public var file: String
  /// Where in the file the problem lies, counted in bytes from 0, if it lies at one place.
  public var offset: Int?
  /// Whether bytes are counted in what the file decompresses to, rather than in the file itself.
  public var isOffsetDecompressed: Bool
  /// What was expected and what was found.
  public var problem: String
  /// What the reader of the message can do.
  public var remedy: String

  /// An error with the given parts.
  public init(
    file: String, offset: Int? = nil, isOffsetDecompressed: Bool = false, problem: String,
    remedy: String
  ) {
    self.file = file
    self.offset = offset
    self.isOffsetDecompressed = isOffsetDecompressed
    self.problem = problem
    self.remedy = remedy
  }

  /// An error that says what should have been there, and what was.
  public init(
    file: String, offset: Int? = nil, isOffsetDecompressed: Bool = false, expected: String,
    found: String, remedy: String
  ) {
    self.init(
      file: file, offset: offset, isOffsetDecompressed: isOffsetDecompressed,
      problem: "expected \(expected), found \(found)", remedy: remedy)
  }

  /// One line with all the parts.
  public var description: String {
    let unit = isOffsetDecompressed ? " of its decompressed data" : ""
    let place = offset.map { ", byte \($0)\(unit)" } ?? ""
    return "\(file.printable)\(place): \(problem); \(remedy)"
  }

  /// A text from a file in quotes, fit to stand in a message: on one line, and not too long.
  static func quoted(_ text: String) -> String {
    let limit = 60
    let start = text.unicodeScalars.prefix(limit)
    let rest = start.endIndex < text.unicodeScalars.endIndex ? "…" : ""
    return "\"\(String(start).printable)\(rest)\""
  }
}

extension String {
  /// The text without what would break a line, command a terminal or hide in it.
  package var printable: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
