import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// A response that holds a value as JSON.
  init(json value: some Encodable, status: HTTPResponse.Status = .ok) {
    self.init(status: status, contentType: "application/json", bytes: ByteBuffer(json: value))
  }

  /// A response that holds bytes of a type.
  init(status: HTTPResponse.Status = .ok, contentType: String, bytes: ByteBuffer) {
    self.init(
      status: status, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: bytes))
  }
}

extension ByteBuffer {
  /// A value as JSON.
  ///
  /// A number that is not finite becomes one of the strings `"Infinity"`, `"-Infinity"` and `"NaN"`,
  /// since JSON cannot write it.
  init(json value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      self.init(bytes: try encoder.encode(value))
    } catch {
      // An encoder throws on numbers that are not finite, and what an `encode(to:)` throws: there are
      // neither here.
      preconditionFailure("\(type(of: value)) cannot be written as JSON: \(error)")
    }
  }
}
