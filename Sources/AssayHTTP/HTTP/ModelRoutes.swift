import AssayBundle
import AssayGraph
import AssayInspection
import AssayRecord
import AssayStation
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The bundles over HTTP: what they are, how they do, and how they are changed.
struct ModelRoutes {
  let station: Station
  let reader: BodyReader

  private struct Summary: Encodable {
    let name: String
    let version: String?
    let hash: String?
    let task: InspectorKind.Name?
    /// Names that a part may be corrected to, in the order by which their numbers are meant at the plant.
    let classes: [String]
    let goodClass: String?
    let threshold: Manifest.Threshold?
    /// Where each class has its own, by its name.
    let labelThresholds: [String: Manifest.Threshold]?
    /// From where to where parts are uncertain; nil in bundles from before there was a share.
    let uncertain: UncertainBand?
    /// Which parts are uncertain, and how probabilities were calibrated, for people.
    let uncertainty: String?
    let calibration: String?
    /// What the score is: `probability` or `score`; nil where there is none.
    let scale: String?
    /// Whether every part is called good or defective, and why not.
    let judges: Bool
    let whyNotJudging: String?
    let backbone: String?
    let licence: String?
    let createdAt: String?
    let loadedAt: Double?
    let trainingImages: Int
    let metrics: [Manifest.Metric]
    let hasPrevious: Bool
    let hasValidation: Bool
    let canRetrain: Bool
    /// Why the bundle cannot learn from the record; nil when it can.
    let whyNotRetraining: String?
    let failure: String?
    /// What is served.
    let state: BundleCondition
    /// How the threshold came to be what it is; nil while nothing is served.
    let thresholdHistory: ThresholdHistory?

    init(_ entry: BundleShelf.Entry, offersRetraining: Bool) {
      let manifest = entry.served?.manifest
      name = entry.name
      version = entry.served?.version
      hash = entry.served?.bundle.identity
      let rule = entry.served?.rule
      task = manifest?.kind.name
      classes = rule?.numberedClasses ?? []
      goodClass = rule?.goodClass
      threshold = manifest?.threshold
      labelThresholds = manifest?.kind.spec.decision.labelThresholds.map {
        Dictionary(zip(rule?.classes ?? [], $0), uniquingKeysWith: { first, _ in first })
      }
      uncertain = rule?.band
      uncertainty = manifest?.uncertainSentence
      calibration = manifest?.calibrationSentence
      scale = rule?.scale.map { $0 == .probability ? "probability" : "score" }
      judges = rule?.judges ?? false
      whyNotJudging = rule?.whyNotJudging
      backbone = manifest?.network.backbone.name
      licence = manifest?.network.backbone.licence
      createdAt = entry.served?.bundle.createdAt
      loadedAt = entry.served?.loadedAt
      trainingImages = manifest?.training.imageCount ?? 0
      metrics = manifest?.metrics ?? []
      hasPrevious = BundleSuccession(entry.path).hasPrevious
      hasValidation = entry.served?.reference.map { !$0.isDefect.isEmpty } ?? false
      canRetrain = offersRetraining && manifest.map { RetrainingRules.refusal($0) == nil } ?? false
      whyNotRetraining = manifest.flatMap { RetrainingRules.refusal($0) }
      failure = entry.failure
      state = BundleCondition(entry)
      thresholdHistory = manifest.map(ThresholdHistory.init)
    }
  }

  private struct List: Encodable {
    let models: [Summary]
    let station: StationState
  }

  private struct Validation: Encodable {
    let basis: String
    let scores: [Double]
    let isDefect: [Bool]
    let threshold: Double?
    /// Of an anomaly detector: parts that had no say in its threshold, defects among them. Whoever sets a threshold by
    /// them has no part left by which to tell how good it is.
    let tested: AnomalyModel.Tested?
  }

  private struct Live: Encodable {
    let model: String
    let version: String
    /// Whose day it is that is counted.
    let station: StationState
    let pace: StationMetrics.Pace
    let counts: [InspectionRecord.Count]
    let isAlarm: Bool
    let recording: String
    let record: InspectionRecord.Health?
    let queue: Int
    let links: [LinkHealth]
    let latest: [RecordedInspection]
  }

  func add<Context: RequestContext>(to router: Router<Context>) {
    router.get("/v1/models") { _, _ in
      let offers = station.retraining.isOffered
      return try Response.json(
        List(
          models: station.shelf.entries.map { Summary($0, offersRetraining: offers) }, station: StationState(station)))
    }
    router.get("/v1/models/:name/report") { _, context in
      let bundle = try bundle(context)
      guard let report = try? bundle.bundle.contents(ModelBundle.reportName) else {
        throw HTTPFailure(.notFound, "the bundle has changed or has no report; try again")
      }
      var response = Response.bytes(report, type: "text/html; charset=utf-8")
      // The report is one file with its own style and pictures, and no script.
      response.headers[.contentSecurityPolicy] =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"
      return response
    }
    router.get("/v1/models/:name/validation") { _, context in
      let bundle = try bundle(context)
      guard let reference = bundle.reference, !reference.isDefect.isEmpty else {
        let reason =
          bundle.rule.scale == nil
          ? bundle.rule.whyNotJudging : "an earlier version trained it and kept none; train it again with this version"
        throw HTTPFailure(
          .notFound, "\(bundle.name) has no scores of held-out parts: \(reason ?? "none were held out")")
      }
      return try Response.json(
        Validation(
          basis: reference.basis, scores: reference.scores, isDefect: reference.isDefect,
          threshold: bundle.manifest.threshold?.value, tested: reference.tested))
    }
    router.get("/v1/models/:name/drift") { _, context in
      let bundle = try bundle(context)
      return try Response.json(DriftDocument(bundle, station.monitor(bundle).findings(bundle)))
    }
    router.get("/v1/models/:name/live") { request, context in
      try await live(try bundle(context), since: try QueryParameters(request).time("since"))
    }
    router.post("/v1/models/:name/threshold") { request, context in
      try await setThreshold(request, try bundle(context))
    }
    router.post("/v1/models/:name/reload") { _, context in
      let name = try bundle(context).name
      try await load(name)
      return try summary(name)
    }
    router.post("/v1/models/:name/rollback") { _, context in
      let bundle = try bundle(context)
      do throws(BundleError) {
        try BundleSuccession(bundle.bundle.path).rollBack()
      } catch {
        throw HTTPFailure(.conflict, "\(error.cause); \(error.remedy)")
      }
      try await load(bundle.name)
      return try summary(bundle.name)
    }
    router.post("/v1/models/:name/retrain") { _, context in
      let bundle = try bundle(context)
      try station.retraining.start(model: bundle.name, bundle: bundle.bundle.path)
      return try Response.json(station.retraining.current, status: .accepted)
    }
    router.get("/v1/models/:name/retraining") { _, context in
      try await RetrainingDocument.response(of: try bundle(context), station)
    }
    router.get("/v1/retraining") { _, _ in try Response.json(station.retraining.current) }
  }

  private func bundle(_ context: some RequestContext) throws -> ServedBundle {
    let name = try context.parameters.require("name")
    guard let bundle = station.shelf[name] else { throw HTTPFailure.noModel(name) }
    return bundle
  }

  private func summary(_ name: String) throws -> Response {
    guard let entry = station.shelf.entries.first(where: { $0.name == name }) else { throw HTTPFailure.noModel(name) }
    return try .json(Summary(entry, offersRetraining: station.retraining.isOffered))
  }

  /// What the record says for the page.
  private struct Seen {
    let counts: [InspectionRecord.Count]
    let latest: [RecordedInspection]
  }

  private func live(_ bundle: ServedBundle, since: Double?) async throws -> Response {
    let start = since ?? station.time.dayStart
    let seen = try await station.record?.looking { record in
      // A record that is not open is said by its state.
      guard record.whyNotOpen == nil else { return nil as Seen? }
      var query = RecordQuery()
      query.bundle = bundle.name
      query.limit = 12
      query.isTrial = false
      return Seen(
        counts: try record.counts(bundle: bundle.name, since: start),
        latest: try record.page(query, seconds: RecordRoutes.searchTime).records)
    }
    return try .json(
      Live(
        model: bundle.name, version: bundle.version, station: StationState(station),
        pace: station.metrics.pace(model: bundle.name),
        counts: seen?.counts ?? [],
        isAlarm: station.monitor(bundle).findings(bundle).contains(where: \.isAlarm),
        recording: station.options.recording.rawValue, record: station.record?.state, queue: station.queue.length,
        links: station.links, latest: seen?.latest ?? []))
  }

  /// Compiling a bundle takes a second or more: not on the threads that answer requests.
  private func load(_ name: String) async throws {
    let shelf = station.shelf
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global(qos: .userInitiated).async {
        do {
          try shelf.load(name)
          continuation.resume()
        } catch {
          continuation.resume(throwing: HTTPFailure(.conflict, "the bundle cannot be loaded: \(error)"))
        }
      }
    }
  }

  struct ThresholdWish: Decodable {
    let value: Double?
    /// Whose threshold, where each class has its own.
    let `class`: String?
    /// Takes the last change back instead.
    let undo: Bool?
    let by: String?
    let reason: String?
    /// Hash of the bundle that the wish is about; nil for the one that is served.
    let hash: String?
  }

  private func setThreshold(_ request: Request, _ bundle: ServedBundle) async throws -> Response {
    try await reader.read(request, beside: BodyReader.document) { body in
      let wish = try RequestDocument.read(
        ThresholdWish.self, from: body, keys: ["value", "class", "undo", "by", "reason", "hash"],
        form: "{\"value\": NUMBER} with a number from 0, or {\"undo\": true}")
      try RequestDocument.check(wish.by, "by")
      try RequestDocument.check(wish.reason, "reason")
      try change(bundle, wish)
      try await load(bundle.name)
      return try summary(bundle.name)
    }
  }

  private func change(_ bundle: ServedBundle, _ wish: ThresholdWish) throws {
    do {
      let fresh = try ModelBundle(path: bundle.bundle.path)
      // What was decided on another bundle than the one on disk is not written over it.
      guard fresh.identity == wish.hash ?? bundle.bundle.identity else {
        throw HTTPFailure(
          .conflict,
          "\(bundle.name) was changed by somebody else in the meantime; look at it again and repeat the change")
      }
      var setting = ThresholdSetting(fresh, ThresholdSetting.Author(by: wish.by ?? "operator", reason: wish.reason))
      switch (wish.undo ?? false, wish.value) {
      case (true, nil): try setting.undo()
      case (false, let value?): try setting.set(value, for: wish.class)
      default: throw HTTPFailure(.badRequest, "send either a value, or {\"undo\": true}")
      }
    } catch let error as BundleError {
      throw HTTPFailure(.conflict, "\(error.cause); \(error.remedy)")
    } catch let error as DecisionError {
      throw HTTPFailure(error, bundle.name)
    }
  }
}

extension HTTPFailure {
  /// What cannot be decided at all is a conflict, what is asked wrongly a bad request.
  init(_ error: DecisionError, _ name: String) {
    switch error {
    case .nothingToSet, .nothingToUndo, .noHeldOutParts: self.init(.conflict, "\(name): \(error)")
    case .unknownClass, .classNeeded, .noClassThresholds, .outOfRange, .noShare:
      self.init(.badRequest, "\(name): \(error)")
    }
  }
}
