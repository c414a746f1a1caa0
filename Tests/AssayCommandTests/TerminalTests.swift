import Foundation
import Testing

/// What people see who run the program at a terminal, and what they do not see in files and pipes.
@Suite struct TerminalTests {
  private static let shop = Workshop.shared

  /// Pictures in number, so that there is something to see of the work; all different.
  private static let many: String = {
    let base = Workshop.part(1, isScratched: false)
    for index in 0..<2000 {
      var picture = base
      for place in 0..<2 { picture[base.count - 1 - place] = UInt8(index >> (8 * place) & 0xFF) }
      // A name of the length that names of cameras have, and one that is longer than a line.
      let name = index == 7 ? "划痕-" + String(repeating: "很长的名字", count: 14) : "划痕-\(index)"
      shop.write("many/\(name).pgm", picture)
    }
    return shop.folder + "/many"
  }()

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: Self.many) }

  /// The screen holds results, whole, and nothing of the line that was drawn over and over.
  @Test(arguments: [40, 60, 80, 100, 200]) func progressStaysInItsPlace(_ columns: Int) throws {
    let terminal = try PseudoTerminal(
      ["inspect", Workshop.Kind.classifier.bundle, "many"], columns: columns,
      in: (Self.many as NSString).deletingLastPathComponent)
    #expect(terminal.end() == 0)
    let lines = terminal.screen.text
    #expect(terminal.screen.strange.isEmpty && terminal.screen.erasures > 1, "\(columns)")
    let results = lines.filter { $0.contains(".pgm: ") }
    #expect(Set(results.compactMap { $0.components(separatedBy: ": ").first }) == Set(try names().map { "many/" + $0 }))
    // Beside them the closing line, and the empty one below.
    #expect(lines.count == results.count + 2, "\(lines.filter { !$0.contains(".pgm: ") })")
    #expect(lines[results.count].hasSuffix(" s") && lines[results.count].contains(" good, "))
  }

  /// The results go elsewhere, and the window is pulled narrower and wider meanwhile.
  @Test func aWindowThatChanges() throws {
    _ = Self.many
    let bundle = Self.shop.folder + "/changes.assay"
    let terminal = try PseudoTerminal(
      ["train", Self.shop.classes, "-o", bundle, "--method", "finetune", "--epochs", "30", "--folds", "2"]
        + Workshop.small,
      columns: 110, in: Self.shop.folder)
    for columns in [60, 130, 47, 61, 20, 90] {
      let before = terminal.screen.erasures
      terminal.wait { $0.screen.erasures > before }
      terminal.change(to: columns)
    }
    #expect(terminal.end() == 0, "\(terminal.text.suffix(2000))")
    let unfinished = terminal.screen.text.filter { $0.contains("·") || $0.contains(" left") }
    #expect(unfinished.isEmpty && terminal.screen.strange.isEmpty, "\(unfinished)")
    #expect(
      terminal.screen.text.contains { $0.hasPrefix("fold 1 ") } && terminal.screen.text.contains("bundle: \(bundle)"))
  }

  /// Green, red and yellow are for eyes alone.
  @Test func colours() throws {
    let data = ["inspect", Workshop.Kind.classifier.bundle, "classes"]
    func shown(_ environment: [String: String] = [:], _ more: [String] = []) throws -> String {
      let terminal = try PseudoTerminal(data + more, columns: 120, environment: environment, in: Self.shop.folder)
      #expect(terminal.end() == 0)
      return terminal.text
    }
    let coloured = try shown()
    #expect(
      coloured.contains("\u{1B}[32mGOOD\u{1B}[0m  good") && coloured.contains("\u{1B}[1;31mDEFECT\u{1B}[0m  scratch"))
    #expect(coloured.contains(" good\u{1B}[0m, \u{1B}[1;31m"), "the closing line too")
    #expect(try shown(["NO_COLOR": ""]).contains("\u{1B}[32m"), "an empty value does not count")
    for plain in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
      let text = try shown(plain)
      #expect(!text.contains("\u{1B}[3") && !text.contains("\u{1B}[1") && text.contains(": GOOD  good"), "\(plain)")
    }
    #expect(!(try shown(["TERM": "dumb"]).contains("\u{1B}")), "and nothing is drawn in place")
    let json = try shown([:], ["--json"])
    #expect(json.split(separator: "\r\n").filter { $0.contains("{") }.allSatisfy { !$0.contains("\u{1B}[3") })
    // One goes to a file, the other to the terminal; and both to files.
    let file = Self.shop.folder + "/colours.txt"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    let terminal = try PseudoTerminal(
      data, columns: 80, output: try FileHandle(forWritingTo: URL(fileURLWithPath: file)), in: Self.shop.folder)
    #expect(terminal.end() == 0)
    #expect(
      !(try String(contentsOfFile: file, encoding: .utf8)).contains("\u{1B}") && terminal.text.contains("\u{1B}[32m"))
    let plain = try AssayProgram.run(["inspect", Workshop.Kind.classifier.bundle, Self.shop.classes])
    #expect(!(plain.output + plain.messages).contains("\u{1B}"))
  }

  /// In a file a step is a line, not a hundred.
  @Test func aLogIsShort() throws {
    let outcome = try AssayProgram.run(["inspect", Workshop.Kind.classifier.bundle, Self.many])
    let lines = outcome.messages.split(separator: "\n")
    #expect(lines.first == "inspecting (2000)" && lines.count <= 4, "\(outcome.messages)")
    #expect(lines.last?.contains(" good, ") == true)
  }

  // MARK: The closing line

  @Test func aFolderEndsWithACount() throws {
    let bundle = Workshop.Kind.classifier.bundle
    let all = try AssayProgram.run(["inspect", bundle, Self.shop.classes, "--json"])
    let found = all.output.split(separator: "\n").map { line in
      (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
    }
    func count(_ verdict: String, _ isUncertain: Bool) -> Int {
      found.count { $0["verdict"] as? String == verdict && $0["isUncertain"] as? Bool == isUncertain }
    }
    let line = try #require(all.messages.split(separator: "\n").last)
    #expect(line.hasPrefix("\(count("good", false)) good, \(count("defect", false)) defect (scratch "), "\(line)")
    let unsure = count("good", true) + count("defect", true)
    #expect(line.contains("\(unsure) uncertain") == (unsure > 0) && line.hasSuffix(" s"))
    // What cannot be read, and what is of a format that is not read, is counted too.
    let folder = "odd-\(UUID().uuidString)"
    Self.shop.write(folder + "/a.pgm", Workshop.part(0, isScratched: false))
    Self.shop.write(folder + "/b.pgm", Array("P5 64 48 255\n".utf8))
    Self.shop.write(folder + "/c.heic", [0, 0, 0, 24] + Array("ftypheic".utf8))
    let odd = try AssayProgram.run(["inspect", bundle, Self.shop.folder + "/" + folder])
    #expect(odd.status == 65 && odd.messages.contains(", 2 not readable, "), "\(odd)")
    // One image is its own closing line.
    let one = try AssayProgram.run(["inspect", bundle, Self.shop.folder + "/\(folder)/a.pgm"])
    #expect(one.messages.isEmpty && one.status == 0, "\(one)")
  }

  @Test func aTaskIsSummedUp() throws {
    let outcome = try AssayProgram.run(["inspect", Workshop.Kind.values.bundle, Self.shop.classes])
    let line = try #require(outcome.messages.split(separator: "\n").last)
    #expect(line.hasPrefix("42 measured, length ") && line.contains(" (mean "), "\(line)")
  }
}
