import Foundation

/// How the bytes of a text become characters, by a name that iconv knows.
package struct TextEncoding: Sendable, Hashable {
  /// As given, in lower case.
  let name: String

  /// Names that people and programs use, and iconv's own. Windows' programs write GBK where they say GB2312, and
  /// Windows-1252 where they say ISO 8859-1; the larger set holds the smaller.
  private static let aliases: [String: String] = [
    "gbk": "GB18030", "gb2312": "GB18030", "gb18030": "GB18030", "cp936": "GB18030", "gb-2312": "GB18030",
    "gb_2312-80": "GB18030", "euc-cn": "GB18030", "x-gbk": "GB18030", "hz-gb-2312": "HZ", "chinese": "GB18030",
    "latin1": "CP1252", "latin-1": "CP1252", "iso-8859-1": "CP1252", "iso8859-1": "CP1252", "iso_8859-1": "CP1252",
    "iso88591": "CP1252", "l1": "CP1252", "ansi": "CP1252", "us-ascii": "CP1252", "ascii": "CP1252",
    "latin2": "ISO-8859-2", "latin-2": "ISO-8859-2", "latin9": "ISO-8859-15", "latin-9": "ISO-8859-15",
    "shift_jis": "CP932", "shift-jis": "CP932", "sjis": "CP932", "ms932": "CP932", "ms_kanji": "CP932",
    "windows-31j": "CP932", "x-sjis": "CP932", "eucjp": "EUC-JP", "euckr": "CP949", "euc-kr": "CP949",
    "ks_c_5601-1987": "CP949",
    "korean": "CP949", "uhc": "CP949", "ms949": "CP949", "ksc5601": "CP949", "big5": "BIG5-HKSCS",
    "big-5": "BIG5-HKSCS", "cp950": "BIG5-HKSCS",
    "koi8r": "KOI8-R", "macroman": "MACINTOSH", "mac-roman": "MACINTOSH",
    "utf8": "UTF-8", "utf16": "UTF-16", "utf-8-sig": "UTF-8", "utf16le": "UTF-16LE", "utf16be": "UTF-16BE",
    "unicode": "UTF-16",
  ]

  static let examples = "gbk, gb18030, big5, shift_jis, euc-kr, cp1251, cp1252 or latin1"

  private let converter: String

  /// - Returns: nil for a name that is not known here.
  init?(_ name: String) {
    let plain = name.trimmingCharacters(in: .whitespaces).lowercased()
    guard !plain.isEmpty, plain.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") }) else { return nil }
    var wanted = Self.aliases[plain] ?? plain.uppercased()
    if wanted.hasPrefix("WINDOWS-") { wanted = "CP" + wanted.dropFirst("WINDOWS-".count) }
    guard let descriptor = iconv_open("UTF-8", wanted), descriptor != iconv_t(bitPattern: -1) else { return nil }
    iconv_close(descriptor)
    self.name = plain
    converter = wanted
  }

  var isUTF8: Bool { converter == "UTF-8" }

  /// - Returns: nil when the bytes are no text of this encoding.
  func decode(_ bytes: some Sequence<UInt8>) -> String? {
    var input = bytes.map { CChar(bitPattern: $0) }
    guard !isUTF8 else { return String(validating: input.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
    guard let descriptor = iconv_open("UTF-8", converter), descriptor != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(descriptor) }
    // No character of these encodings takes more than four bytes of UTF-8 for each of its own.
    var output = [CChar](repeating: 0, count: input.count * 4 + 16)
    let written: Int? = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        var (from, left) = (source.baseAddress, source.count)
        var (to, room) = (target.baseAddress, target.count)
        guard left == 0 || iconv(descriptor, &from, &left, &to, &room) != -1, left == 0 else { return nil }
        // What is kept back for a combining character comes now.
        guard iconv(descriptor, nil, nil, &to, &room) != -1 else { return nil }
        return target.count - room
      }
    }
    return written.flatMap { String(validating: output.prefix($0).map { UInt8(bitPattern: $0) }, as: UTF8.self) }
  }
}

/// Makes texts of the bytes of annotation files.
///
/// UTF-8 is recognised by its rules and UTF-16 by its mark; nothing is guessed. A declared encoding (of XML) is
/// honoured, and the reader's ``fallback`` counts for the rest.
package struct TextReader: Sendable {
  /// What the user said of texts that are not UTF-8.
  let fallback: TextEncoding?

  package init(_ fallback: TextEncoding? = nil) { self.fallback = fallback }

  /// - Throws: ``DataError`` for a name that is not known.
  package init(named name: String?) throws(DataError) {
    guard let name else {
      fallback = nil
      return
    }
    guard let encoding = TextEncoding(name) else {
      throw DataError(
        path: "--encoding \(name)", cause: "this encoding is not known", remedy: "give \(TextEncoding.examples)")
    }
    fallback = encoding
  }

  /// Which encoding it is cannot be told from the bytes, so these are examples.
  private static let remedy =
    "save it as UTF-8, or give --encoding gbk (or cp1251, cp1252, shift_jis, whatever it was written in)"

  /// Why bytes are no text.
  package struct Failure: Error {
    let cause: String
    let remedy: String
  }

  /// - Parameter declared: by the text itself.
  /// - Returns: without its mark.
  package func text(_ bytes: [UInt8], declared: String? = nil) throws(Failure) -> String {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return try decoded(bytes.dropFirst(3), "UTF-8", "with its mark") }
    if bytes.starts(with: [0xFF, 0xFE]) { return try decoded(bytes.dropFirst(2), "UTF-16LE", "with its mark") }
    if bytes.starts(with: [0xFE, 0xFF]) { return try decoded(bytes.dropFirst(2), "UTF-16BE", "with its mark") }
    if let declared, !["utf-8", "utf8", "utf-16", "utf16"].contains(declared.lowercased()) {
      guard TextEncoding(declared) != nil else {
        throw Failure(
          cause: "it says that its encoding is \(declared), which is not known",
          remedy: "save it as UTF-8, and say so in its first line")
      }
      return try decoded(bytes[...], declared, "as it says")
    }
    if let text = String(validating: bytes, as: UTF8.self) {
      guard !text.unicodeScalars.contains("\0") else {
        throw Failure(
          cause: "it holds zero bytes: it is no text, or UTF-16 without its mark", remedy: "save it as UTF-8")
      }
      return text
    }
    guard let fallback else {
      throw Failure(cause: "it is not UTF-8", remedy: Self.remedy)
    }
    guard let text = fallback.decode(bytes) else {
      throw Failure(cause: "it is neither UTF-8 nor \(fallback.name)", remedy: "save it as UTF-8")
    }
    return text
  }

  private func decoded(_ bytes: ArraySlice<UInt8>, _ name: String, _ why: String) throws(Failure) -> String {
    guard let text = TextEncoding(name)?.decode(bytes), !text.unicodeScalars.contains("\0") else {
      throw Failure(cause: "it is not whole as \(name), \(why)", remedy: "save it again as UTF-8")
    }
    return text
  }
}
