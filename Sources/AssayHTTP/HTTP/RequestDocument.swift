import AssayBase
import AssayStation
import Foundation
import HTTPTypes

/// The JSON object of a request. A key that nobody reads is refused, as a query parameter is: it was meant to change
/// something.
enum RequestDocument {
  /// - Parameters:
  ///   - keys: that are read.
  ///   - form: what is expected, for the message.
  /// - Throws: ``HTTPFailure`` 400.
  static func read<Value: Decodable>(
    _ type: Value.Type, from body: [UInt8], keys: [String], form: String
  ) throws(HTTPFailure) -> Value {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
      throw HTTPFailure(.badRequest, "the body is no JSON object; expected \(form)")
    }
    if let unknown = object.keys.sorted().first(where: { !keys.contains($0) }) {
      throw HTTPFailure(
        .badRequest,
        "there is no key \(JSONText.quoted(String(unknown.prefix(60)))); known are \(keys.joined(separator: ", "))")
    }
    do { return try JSONDecoder().decode(type, from: Data(body)) } catch {
      throw HTTPFailure(.badRequest, "expected \(form)")
    }
  }

  /// A text of a person: Unicode characters and not bytes are counted, so that every language has the same room.
  static func check(_ text: String?, _ name: String, characters: Int = 2000) throws(HTTPFailure) {
    guard (text?.unicodeScalars.count ?? 0) <= characters else {
      throw HTTPFailure(.badRequest, "\(name) has at most \(characters) characters")
    }
  }
}
