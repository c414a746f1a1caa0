import ArgumentParser
import AssayWorkflows
import Foundation

/// What a command is going to do.
struct Plan {
  /// As a user would type it, e.g. `train --method fewshot`.
  let way: String
  /// What is left of the work when it is stopped, for the person who has stopped it.
  let kept: ShownLine
  let work: () throws -> Void

  init(_ way: String, kept: ShownLine = "nothing half done is left", _ work: @escaping () throws -> Void) {
    self.way = way
    self.kept = kept
    self.work = work
  }
}

/// A command that accounts for its options. The program has no others (``accounted(_:)``), so none can forget to.
protocol AccountedCommand: ParsableCommand {}

/// Has subcommands, and no options of its own.
protocol CommandGroup: AccountedCommand {}

/// Subcommands for a configuration.
func accounted(_ commands: [any AccountedCommand.Type]) -> [any ParsableCommand.Type] { commands.map { $0 } }

/// A command that decides what to do before it does anything: it reads its options in ``plan(_:)``, those that were given
/// and not read are refused, and only then the work begins.
protocol PlannedCommand: AccountedCommand {
  /// - Parameter use: every option is read through it, and those that the way has no use for are not read.
  func plan(_ use: OptionUse) throws -> Plan
}

extension PlannedCommand {
  func run() throws {
    try Console.run {
      let use = try OptionUse(of: Self.self, words: Array(CommandLine.arguments.dropFirst()))
      let plan = try plan(use)
      try use.check(plan.way)
      Interruption.end(kept: plan.kept)
      try plan.work()
    }
  }
}

/// The same for a command that goes on until it is stopped.
protocol PlannedAsyncCommand: AsyncParsableCommand, AccountedCommand {
  /// - Returns: the way, as in ``Plan/way``, and the work.
  func plan(_ use: OptionUse) throws -> (way: String, work: () async throws -> Void)
}

extension PlannedAsyncCommand {
  func run() async throws {
    var work: (() async throws -> Void)?
    try Console.run {
      let use = try OptionUse(of: Self.self, words: Array(CommandLine.arguments.dropFirst()))
      let plan = try plan(use)
      try use.check(plan.way)
      work = plan.work
    }
    defer { Interruption.settle() }
    try await work?()
  }
}
