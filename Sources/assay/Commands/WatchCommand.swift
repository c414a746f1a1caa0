public import ArgumentParser
import AssayInspection
import AssayPlant
import AssayRecord
import AssayStation
import AssayWorkflows
import Foundation
import Logging

extension WatchAction: ExpressibleByArgument {}

extension InspectionTally {
  /// A line of the journal, which counts as it was sorted.
  fileprivate mutating func add(_ entry: FolderWatcher.Entry) {
    if let verdict = Inspection.Verdict(rawValue: entry.verdict) {
      let isUncertain = entry.destination == .unsure && (verdict == .good || verdict == .defect)
      add(Part(verdict, isUncertain: isUncertain, classes: [entry.class]))
    } else if entry.verdict == "unreadable" {
      add(unreadable: 1)
    } else {
      add(failed: 1)
    }
  }
}

extension FolderWatcher.Destination {
  fileprivate var tone: InspectionTally.Tone {
    switch self {
    case .good: .good
    case .defect: .defect
    case .unsure: .uncertain
    }
  }
}

struct WatchCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Inspect pictures as they arrive in a folder and sort them into good, defect and unsure.",
    usage: "assay watch <bundle> <folder> [<options>]",
    discussion: paragraphs(
      """
      A picture is inspected once its file has settled, so half-written files are waited for. Results are kept in
      FOLDER/.assay-watch.jsonl before a picture is sorted: a restart misses none and repeats none. Pictures that cannot
      be decoded, and those too close to call, go to unsure/. What cannot be opened or moved, and what is no file, is named
      once and left. At the end, also after Ctrl-C, a line on standard error counts what was sorted.
      """))

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Argument(help: "The folder where pictures arrive.", completion: .file())
  var folder: String

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.record) var place: RecordPlace
  @OptionGroup(title: HelpGroup.record) var keeping: RecordArguments
  @OptionGroup(title: HelpGroup.mqtt) var mqtt: MQTTArguments
  @OptionGroup(title: HelpGroup.pictures) var images: DecodingArguments
  @OptionGroup(title: HelpGroup.usual) var engine: EngineArguments

  struct UsualArguments: ParsableArguments {
    @Option(help: "Where good/, defect/ and unsure/ are made. (default: in the folder itself)", completion: .directory)
    var output: String?

    @Option(help: "What is done with a picture: move, or link (it stays, a hard link is made).")
    var action: WatchAction = .move

    @Option(help: "Seconds between two looks; a picture that has not changed between them has settled.")
    var interval = 0.5

    @Option(help: "Seconds for which a picture that cannot be read is tried again.")
    var patience = 10.0

    @Flag(help: "End when all pictures that are there have been sorted.")
    var once = false

    @Flag(help: "Print one JSON document a picture on standard output.")
    var json = false

    func validate() throws {
      guard interval >= 0.05, interval <= 60 else { throw ValidationError("--interval must be 0.05 to 60 seconds") }
      guard patience >= 0 else { throw ValidationError("--patience must be at least 0 seconds") }
    }
  }

  struct RecordPlace: ParsableArguments {
    @Option(
      help:
        "Record every inspection in this folder as `assay serve` does, whose page shows it. (default: none, only the journal)",
      completion: .directory)
    var recordFolder: String?
  }

  func plan(_ use: OptionUse) throws -> Plan {
    var recording: WatchRecording?
    if let folder = use("--record-folder", place.recordFolder) {
      let (images, retention) = keeping.policy(use)
      recording = WatchRecording(folder: folder, images: images, retention: retention)
    } else {
      use.without(RecordArguments.names, because: "without --record-folder there is no record")
    }
    let broker = try mqtt.options(use)
    let output = use("--output", usual.output)
    let action = use("--action", usual.action)
    let patience = use("--patience", usual.patience)
    let maximumPixels = images.maximumPixels(use)
    let engines = engine.engines(use)
    let interval = use("--interval", usual.interval)
    let once = use("--once", usual.once)
    let json = use("--json", usual.json)
    return Plan("watch") { [bundle, folder, recording] in
      FreedMemory.goesBack()
      let isStopped = Interruption.watch("the picture at hand")
      let watcher = try FolderWatcher(
        bundle: bundle, folder: folder, output: output, action: action, patience: patience, recording: recording,
        maximumPixels: maximumPixels, engines: engines)
      let served = watcher.served
      let logger = Logger(label: "assay") { JSONLogHandler(label: $0, level: .warning) }
      let publisher = try broker.map { try MQTTPublisher($0, logger: logger, models: { [served] }) }
      defer { publisher?.close() }
      if let publisher { watcher.attach(publisher) }
      Console.say("watching \(folder)")
      if let reason = watcher.rule.whyNotJudging {
        Console.say(
          "note: all pictures go to unsure/, since \(bundle) does not tell good parts from defective ones: \(reason)")
      }
      var lost = 0
      let started = ContinuousClock.now
      var tally = InspectionTally()
      let paint = VerdictPaint(for: STDOUT_FILENO)
      while !isStopped() {
        var printed: (any Error)?
        let waiting = try watcher.look(isStopped: isStopped) { entry in
          tally.add(entry)
          if let note = entry.note { Console.say("warning: \(entry.file): \(note)") }
          do {
            if json {
              try Console.print(json: entry, isPretty: false)
            } else {
              try Console.print(
                "\(entry.file): " + paint.painted(entry.destination.rawValue, entry.destination.tone)
                  + "  \(entry.error ?? entry.class)")
            }
          } catch { printed = printed ?? error }
        }
        if let printed { throw printed }
        for warning in watcher.takeWarnings() { Console.say("warning: \(warning)") }
        for notice in watcher.takeNotices() { Console.say("\(notice)") }
        if let health = watcher.recordHealth, health.lost > lost {
          lost = health.lost
          Console.say("\(lost) results could not be recorded: \(health.failure ?? "")")
        }
        if once, waiting == 0 { break }
        // In short pieces: who asks it to stop must not wait for the next look.
        let next = ContinuousClock.now + .seconds(interval)
        while !isStopped(), ContinuousClock.now < next { Thread.sleep(forTimeInterval: min(0.1, interval)) }
      }
      if tally.count > 0 { Console.say(VerdictPaint(for: STDERR_FILENO).line(tally, since: started)) }
    }
  }
}
