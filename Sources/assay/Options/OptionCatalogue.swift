import ArgumentParser
import Foundation

/// The options that a command has, as its own `--help` knows them.
struct OptionCatalogue {
  struct Option {
    /// With its dashes, e.g. `--input-size`.
    let name: String
    let help: String
    /// Takes a value, and only one: given twice, the first would be lost.
    let isSingle: Bool
  }

  /// By every spelling that is accepted, `-o` as well as `--output`.
  private let options: [String: Option]

  init(of command: any ParsableCommand.Type) throws {
    let document = try JSONDecoder().decode(HelpDocument.self, from: Data(command._dumpHelp().utf8))
    var options: [String: Option] = [:]
    for argument in document.command.arguments ?? [] where argument.kind != "positional" {
      let names = (argument.names ?? []).map(\.spelling)
      guard let name = names.first(where: { $0.hasPrefix("--") }) ?? names.first else { continue }
      let plain = [nil, HelpGroup.required, HelpGroup.usual].contains(argument.sectionTitle)
      let option = Option(
        name: name, help: (plain ? "" : "\(argument.sectionTitle ?? ""): ") + (argument.abstract ?? ""),
        isSingle: argument.kind == "option" && !argument.isRepeating)
      for spelling in names { options[spelling] = option }
    }
    self.options = options
  }

  /// The options that were typed, in their order; one that was typed twice is there twice.
  ///
  /// The words have been parsed without an error before, so every word with dashes is one of the command's options:
  /// values do not begin with dashes.
  func given(in words: [String]) -> [Option] {
    var given: [Option] = []
    for word in words {
      // What follows is positional.
      if word == "--" { break }
      guard word.hasPrefix("-") else { continue }
      let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
      if let option = options[name] ?? options[String(word.prefix(2))] { given.append(option) }
    }
    return given
  }

  /// What `--help` says of an option, with its group, without the last full stop.
  func help(of name: String) -> String? {
    options[name].map { $0.help.hasSuffix(".") ? String($0.help.dropLast()) : $0.help }
  }
}

/// What of ArgumentParser's own description of a command is needed.
private struct HelpDocument: Decodable {
  struct Command: Decodable {
    let arguments: [Argument]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String

      var spelling: String { (kind == "long" ? "--" : "-") + name }
    }

    let kind: String
    let names: [Name]?
    let isRepeating: Bool
    let abstract: String?
    let sectionTitle: String?
  }

  let command: Command
}
