import AssayData
import AssayTestSupport
import Foundation
import Testing

/// Whatever is done to an annotation file: never a crash, and no image with a defect becomes good because a value, a name
/// or a file could not be understood.
///
/// Not tried, since it says something else and says it well: an empty file where the format means nothing marked by it,
/// a table cut between two lines, an empty list in a list's place.
@Suite struct AnnotationFuzzTests {
  /// - Returns: what a reading does that it must not do; nil when all is well.
  private func harm(_ kind: AnnotationKind, _ folder: TemporaryFolder, _ bytes: [UInt8]) -> String? {
    folder.write(kind.file, bytes)
    return harm(kind, folder)
  }

  private func harm(_ kind: AnnotationKind, _ folder: TemporaryFolder) -> String? {
    do throws(DataError) {
      let dataset = try DatasetReader.read(folder.path)
      if dataset.layout == .unlabelled { return "all images are taken for good" }
      let good = dataset.samples.filter { sample in
        kind.defective.contains(sample.name) && sample.label != nil
          && (sample.label == dataset.goodClass || sample.defects(goodClass: dataset.goodClass).isEmpty)
      }
      return good.isEmpty ? nil : "good: \(good.map(\.name))"
    } catch { return nil }
  }

  private func folder(_ kind: AnnotationKind) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    folder.pictures(kind.images)
    for (name, text) in kind.others { folder.write(name, text) }
    folder.write(kind.file, kind.text)
    let dataset = try DatasetReader.read(folder.path)
    let defects = dataset.samples.filter { !$0.defects(goodClass: dataset.goodClass).isEmpty }
    #expect(Set(defects.map(\.name)) == kind.defective && dataset.samples.count == 4, "\(kind): it is read as it is")
    return folder
  }

  @Test(arguments: AnnotationKind.all) func cutAtEveryByte(_ kind: AnnotationKind) throws {
    let folder = try folder(kind)
    let bytes = Array(kind.text.utf8)
    for length in 0..<bytes.count {
      // Whole lines are a table, and an empty label file is one.
      if length == 0 ? kind.description == "YOLO" : bytes[length - 1] == 10 && kind.file.hasSuffix(".csv") { continue }
      if let harm = harm(kind, folder, Array(bytes[..<length])) { Issue.record("\(kind) cut at \(length): \(harm)") }
    }
    for position in bytes.indices {
      for byte in [0, 0xFF, UInt8(ascii: "\""), UInt8(ascii: " ")] where bytes[position] != byte {
        var changed = bytes
        changed[position] = byte
        if let harm = harm(kind, folder, changed) { Issue.record("\(kind) byte \(position) is \(byte): \(harm)") }
      }
    }
  }

  @Test(arguments: AnnotationKind.json) func valuesAndNamesOfJSON(_ kind: AnnotationKind) throws {
    let folder = try folder(kind)
    let root = try JSONSerialization.jsonObject(with: Data(kind.text.utf8), options: .fragmentsAllowed)
    for variant in Self.variants(root) {
      let bytes = Array(try JSONSerialization.data(withJSONObject: variant.value, options: .fragmentsAllowed))
      if let harm = harm(kind, folder, bytes) {
        Issue.record("\(kind) \(variant.what): \(harm): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Every document that differs in one value, of another type, or in one name.
  private static func variants(_ value: Any) -> [(what: String, value: Any)] {
    var result: [(String, Any)] = []
    let others: [Any] = [NSNull(), true, 7.5, -1, "x", "", ["x"], ["a": "b"]]
    for other in others where type(other) != type(value) { result.append(("value \(other)", other)) }
    if type(value) == "object" { result.append(("value []", [Any]())) }
    if type(value) != "object" { result.append(("value {}", [String: Any]())) }
    if let list = value as? [Any] {
      for (index, item) in list.enumerated() {
        for (what, changed) in variants(item) {
          var copy = list
          copy[index] = changed
          result.append(("[\(index)] \(what)", copy))
        }
      }
    } else if let object = value as? [String: Any] {
      for (key, item) in object {
        for (what, changed) in variants(item) {
          var copy = object
          copy[key] = changed
          result.append(("\(key) \(what)", copy))
        }
        for name in [key + "x", key.uppercased(), String(key.dropLast()), "_" + key, key.capitalized] where name != key
        {
          var copy = object
          copy[key] = nil
          copy[name] = item
          result.append(("\(key) called \(name)", copy))
        }
        var without = object
        without[key] = nil
        result.append(("without \(key)", without))
      }
    }
    return result
  }

  private static func type(_ value: Any) -> String {
    switch value {
    case is NSNull: return "null"
    case let number as NSNumber: return isFlag(number) ? "bool" : "number"
    case is String: return "text"
    case is [Any]: return "array"
    default: return "object"
    }
  }

  private static func isFlag(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

  /// Elements and attributes by other names, and other values in their places.
  @Test(arguments: AnnotationKind.xml) func valuesAndNamesOfXML(_ kind: AnnotationKind) throws {
    let folder = try folder(kind)
    let names = Set(kind.text.matches(of: /<([a-z]+)[ >]/).map { String($0.1) })
    let attributes = Set(kind.text.matches(of: /\ ([a-z]+)=/).map { String($0.1) })
    var variants: [String] = []
    for name in names {
      for other in [name + "x", name.uppercased(), name.capitalized, String(name.dropLast()), "_" + name] {
        variants.append(
          kind.text.replacing("<\(name)>", with: "<\(other)>").replacing("<\(name) ", with: "<\(other) ")
            .replacing("</\(name)>", with: "</\(other)>"))
      }
      for value in ["", "x", "-1", "1e400", "nan", "99999999999999999999", "<a/>"] {
        let pattern = try Regex("<\(name)>[^<]*</\(name)>")
        variants.append(kind.text.replacing(pattern, with: "<\(name)>\(value)</\(name)>"))
      }
    }
    for name in attributes {
      variants.append(kind.text.replacing(" \(name)=", with: " \(name)x="))
      variants.append(kind.text.replacing(" \(name)=", with: " \(name.uppercased())="))
      for value in ["", "x", "-1", "1e400", "nan", "99999999999999999999"] {
        variants.append(kind.text.replacing(try Regex(" \(name)=\"[^\"]*\""), with: " \(name)=\"\(value)\""))
      }
    }
    for variant in variants {
      if let harm = harm(kind, folder, Array(variant.utf8)) { Issue.record("\(kind): \(harm): \(variant)") }
    }
  }

  /// Each field of each line in turn.
  @Test(arguments: AnnotationKind.lines) func fieldsOfLines(_ kind: AnnotationKind) throws {
    let folder = try folder(kind)
    let all = kind.text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    for (number, line) in all.enumerated() {
      let fields = line.split(omittingEmptySubsequences: false) { ", \t:=".contains($0) }
      for field in fields where !field.isEmpty {
        for value in ["x", "nan", "-1", "1.5", "1e400", "99999999999999999999", "\"", "[", field.uppercased() + "x"] {
          var changed = all
          changed[number].replaceSubrange(field.startIndex..<field.endIndex, with: value)
          let text = changed.joined(separator: "\n") + "\n"
          if let harm = harm(kind, folder, Array(text.utf8)) {
            Issue.record("\(kind) line \(number + 1), \(field) is \(value): \(harm)")
          }
        }
      }
    }
  }

  /// The file itself by another name.
  @Test(arguments: AnnotationKind.all) func namesOfFiles(_ kind: AnnotationKind) throws {
    let parts = kind.file.split(separator: "/").map(String.init)
    for position in parts.indices {
      let part = parts[position]
      let stem = (part as NSString).deletingPathExtension
      let suffix = part.contains(".") ? "." + (part as NSString).pathExtension : ""
      for other in [
        stem.uppercased() + suffix, " " + part, stem + " " + suffix, "0" + part, stem + suffix.uppercased(),
        part + suffix, stem + ".jpg" + suffix,
      ] where other != part {
        let folder = try folder(kind)
        var changed = parts
        changed[position] = other
        try FileManager.default.removeItem(atPath: folder.path + "/" + kind.file)
        folder.write(changed.joined(separator: "/"), kind.text)
        if let harm = harm(kind, folder) { Issue.record("\(kind) as \(changed.joined(separator: "/")): \(harm)") }
      }
    }
  }
}
