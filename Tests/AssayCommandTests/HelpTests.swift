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
  }

  let commandName: String
  let subcommands: [CommandHelp]?
  let arguments: [Argument]?

  /// Options and flags with their dashes, without `--help` and `--version`.
  var options: [String] {
    (arguments ?? []).filter { $0.kind != "positional" }.compactMap { argument in
      argument.names?.first { $0.kind == "long" }.map { "--" + $0.name }
    }.filter { !["--help", "--version"].contains($0) }
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
}
