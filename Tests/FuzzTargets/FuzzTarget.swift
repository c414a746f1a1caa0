/// One reader of bytes from outside, as a fuzzer and the replay of its corpus call it.
///
/// Whatever the bytes are, the reader returns or throws an error of its own type, within bounds of time and memory. It must
/// never trap.
package struct FuzzTarget: Sendable, CustomStringConvertible {
  package let name: String
  /// The longest input that is tried, in bytes: long enough for whatever the form has, short enough for thousands a second.
  package let longest: Int
  /// Inputs that are right, or nearly: what a fuzzer begins with.
  package let seeds: @Sendable () throws -> [[UInt8]]
  private let body: @Sendable ([UInt8]) throws -> Void
  private let isExpected: @Sendable (any Error) -> Bool

  /// - Parameters:
  ///   - failures: types of the errors that say what is wrong with the bytes.
  ///   - body: reads the bytes, and goes on with what was read as the program does.
  package init(
    _ name: String, longest: Int, throwing failures: any Error.Type...,
    seeds: @autoclosure @escaping @Sendable () throws -> [[UInt8]], body: @escaping @Sendable ([UInt8]) throws -> Void
  ) {
    self.name = name
    self.longest = longest
    self.seeds = seeds
    self.body = body
    isExpected = { error in failures.contains { $0 == type(of: error) } }
  }

  package var description: String { name }

  /// Traps when the reader throws an error that is not its own: nobody could show such an error to a person.
  package func run(_ bytes: [UInt8]) {
    do {
      try body(bytes)
    } catch {
      guard isExpected(error) else { fatalError("\(name): \(type(of: error)) is thrown, which says nothing: \(error)") }
      // Saying what is wrong must not fail either.
      precondition(!"\(error)".isEmpty, "\(name): the error says nothing")
    }
  }

  /// Words of the seeds that a form is made of, for a fuzzer to put together anew: names of three letters or more.
  package func words() throws -> [String] {
    var words: Set<String> = []
    for seed in try seeds() {
      // Of binary forms what is text, numbers apart.
      for word in seed.split(whereSeparator: { !Self.isPartOfName($0) }) where (3...40).contains(word.count) {
        if !word.allSatisfy(Self.isDigit) { words.insert(String(decoding: word, as: UTF8.self)) }
      }
    }
    return words.sorted()
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
  }
}
