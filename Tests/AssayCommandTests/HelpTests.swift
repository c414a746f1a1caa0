import Foundation
import Testing

/// Every command and its options, as the program itself describes them.
struct CommandHelp: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    let kind: String
    let names: [Name]?
    let isOptional: Bool
    let sectionTitle: String?
    let defaultValue: String?
    let abstract: String?

    /// With its dashes; of a positional argument nothing.
    var spelling: String? {
      let name = names?.first { $0.kind == "long" } ?? names?.first
      return name.map { ($0.kind == "long" ? "--" : "-") + $0.name }
    }
  }

  let commandName: String
  let subcommands: [CommandHelp]?
  let arguments: [Argument]?

  /// Options and flags with their dashes, without `--help` and `--version`.
  var options: [String] { described.compactMap(\.spelling) }

  /// The same as the program describes them, in the order of `--help`.
  var described: [Argument] {
    (arguments ?? []).filter { $0.kind != "positional" && !["--help", "--version"].contains($0.spelling ?? "") }
  }

  /// By the words that name them, e.g. `backbones import`.
  static let all: [String: CommandHelp] = {
    struct Document: Decodable { let command: CommandHelp }
    let dump = try! AssayProgram.run(["--experimental-dump-help"])
    let root = try! JSONDecoder().decode(Document.self, from: Data(dump.output.utf8)).command
    var found: [String: CommandHelp] = [:]
    func collect(_ command: CommandHelp, _ words: [String]) {
      for own in command.subcommands ?? [] where own.commandName != "help" {
        found[(words + [own.commandName]).joined(separator: " ")] = own
        collect(own, words + [own.commandName])
      }
    }
    collect(root, [])
    return found
  }()

  /// Those that do something themselves.
  static let working = all.filter { ($0.value.subcommands ?? []).isEmpty }.keys.sorted()
}

@Suite struct HelpTests {
  @Test(arguments: CommandHelp.all.keys.sorted()) func everyCommandHasHelp(_ command: String) throws {
    let help = try AssayProgram.run(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(help.status == 0 && help.output.contains("USAGE: assay \(command)"), "\(help)")
    #expect(help.messages.isEmpty)
  }

  @Test func theProgramNamesItsCommands() throws {
    let help = try AssayProgram.run(["--help"])
    #expect(help.status == 0)
    for command in CommandHelp.all.keys where !command.contains(" ") { #expect(help.output.contains(command)) }
    #expect(try AssayProgram.run(["--version"]).status == 0)
    #expect(try AssayProgram.run(["fly"]).status == 64)
  }

  // MARK: Layout

  private func help(_ words: [String], columns: Int = 80) throws -> [Substring] {
    let program = try AssayProgram.run(words + ["--help"], environment: ["COLUMNS": "\(columns)"])
    return program.output.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Nothing is broken twice, by whoever wrote it and by the terminal: no line is longer than the terminal is wide, and none
  /// ends early, before a word that it had room for.
  @Test(arguments: CommandHelp.all.keys.sorted() + [""], [80, 120])
  func everyLineFits(_ command: String, _ columns: Int) throws {
    let lines = try help(command.split(separator: " ").map(String.init), columns: columns)
    for line in lines where line.count > columns {
      // A line of the usage is a command, which is not broken; it is made for 80 columns.
      let isUsage = line.hasPrefix("USAGE: ") || line.hasPrefix("       assay ")
      #expect(isUsage && line.count <= 80, "\(command): \(line.count) columns: \(line)")
    }
    // Up to the usage, text is in paragraphs.
    let text = lines.prefix { !$0.hasPrefix("USAGE: ") }
    for (line, next) in zip(text, text.dropFirst()) where !line.isEmpty && !next.isEmpty && !next.hasPrefix(" ") {
      let word = next.prefix { $0 != " " }
      #expect(
        line.count + 1 + word.count >= columns,
        "\(command): `\(line)` is broken before `\(word)`; write the discussion with paragraphs(...)")
    }
  }

  /// What must be given, what is often given, what decides, and then what only some methods know.
  private static let order = ["Required", "Usual", "Thresholds"]

  /// A new option belongs to a group: declare it in a `ParsableArguments` that the command takes in with
  /// `@OptionGroup(title: HelpGroup....)`. A command of few options does without groups.
  @Test(arguments: CommandHelp.working) func optionsAreInGroupsInOrder(_ command: String) throws {
    let options = try #require(CommandHelp.all[command]).described
    let isGrouped = options.count > 8 || options.contains { $0.sectionTitle != nil }
    var titles: [String] = []
    for option in options {
      let name = option.spelling ?? ""
      guard isGrouped else {
        #expect(option.sectionTitle == nil)
        continue
      }
      guard let title = option.sectionTitle else {
        Issue.record(
          "\(command) \(name) is in no group of --help: declare it in a ParsableArguments that the command takes in with @OptionGroup(title: HelpGroup.usual), or another title of HelpGroup"
        )
        continue
      }
      if !titles.contains(title) { titles.append(title) }
      #expect(
        (title == "Required") == !option.isOptional, "\(command) \(name): what must be given is in HelpGroup.required")
    }
    let ranks = titles.map { Self.order.firstIndex(of: $0) ?? Self.order.count }
    #expect(ranks == ranks.sorted(), "\(command): \(titles) are not in the order of HelpGroup")
    // Without groups: what must be given is first.
    let needs = options.map(\.isOptional)
    if !isGrouped { #expect(needs == needs.sorted { !$0 && $1 }, "\(command): what must be given comes first") }
  }

  /// Flags are off; every other option says what is taken when it is not given, or that there is none.
  @Test(arguments: CommandHelp.working) func everyOptionHasADefault(_ command: String) throws {
    for option in try #require(CommandHelp.all[command]).described where option.kind == "option" && option.isOptional {
      #expect(
        option.defaultValue != nil || option.abstract?.contains("(default: ") == true,
        "\(command) \(option.spelling ?? "") does not say its default: end its help with (default: ...), or (default: none)"
      )
      #expect(option.abstract?.contains("when not given") != true, "\(command) \(option.spelling ?? "")")
    }
  }

  /// What is wrong and how it is meant fit a screen, too.
  @Test func aUsageErrorIsShort() throws {
    for words in [["train"], ["serve"], ["inspect"], ["threshold", "part.assay"]] {
      let outcome = try AssayProgram.run(words, environment: ["COLUMNS": "80"])
      #expect(outcome.status == 64)
      #expect(outcome.messages.split(separator: "\n").allSatisfy { $0.count <= 110 }, "\(outcome)")
      #expect(outcome.messages.contains("Usage: assay \(words[0]) <"), "\(outcome)")
    }
  }

  // MARK: Completions

  /// A shell takes the script without an error, and it knows commands and options.
  @Test(arguments: ["bash", "zsh", "fish"]) func completions(_ shell: String) throws {
    let script = try AssayProgram.run(["--generate-completion-script", shell])
    #expect(script.status == 0 && script.output.contains("assay"), "\(script)")
    for word in ["inspect", "max-overkill", "fewshot"] { #expect(script.output.contains(word), "\(word)") }
    let path = Workshop.shared.folder + "/completion.\(shell)"
    try Data(script.output.utf8).write(to: URL(fileURLWithPath: path))
    guard let program = ["/bin/\(shell)", "/usr/bin/\(shell)"].first(where: FileManager.default.isExecutableFile) else {
      return
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-n", path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  /// In bash, which every machine with the program has: what begins with these letters is named.
  @Test func bashCompletes() throws {
    let script = Workshop.shared.folder + "/completes.bash"
    let completion = try AssayProgram.run(["--generate-completion-script", "bash"]).output
    let ask = """
      COMP_WORDS=(assay train photos --max-o); COMP_CWORD=3; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
      _assay assay --max-o photos
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    try Data((completion + "\n" + ask + "\n").utf8).write(to: URL(fileURLWithPath: script))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [script]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(
      text.split(separator: "\n").contains { $0.trimmingCharacters(in: .whitespaces) == "--max-overkill" }, "\(text)")
  }
}
