public import AssayBase
import AssayBundle
import AssayData
import AssayGraph
public import AssayImage
import AssayInspection
import AssayLearning
public import AssayRuntime
import Foundation

/// Teaches a few-shot bundle images of a known or a new class, or takes images away, and fits it anew in one step.
public enum FewShotTeaching {
  public struct Result: Sendable, Encodable {
    public let action: String
    /// Images that changed something.
    public let images: [String]
    /// Images of each class that the bundle knows now.
    public let counts: [String: Int]
    /// In the order of the bundle's outputs.
    public let classes: [String]
    /// The classifier that leave-one-out chose.
    public let classifier: String
    public let notes: [String]
  }

  /// Whether a bundle learned from a few images of each class.
  public static func accepts(bundle path: String) throws(WorkflowError) -> Bool {
    do {
      return try ModelBundle(path: path).manifest.training.method == .fewShot
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Adds images of one class; a new class comes after the others in the bundle's outputs.
  /// - Parameters:
  ///   - inputs: images, or folders of images.
  ///   - cache: where features are kept; nil for nowhere.
  /// - Throws: when an image cannot be read or is known as another class; then nothing is changed.
  public static func add(
    bundle path: String, images inputs: [String], class name: String,
    maximumPixels: Int = DecodingOptions().maximumPixels, cache: FeatureCache? = FeatureCache(),
    commandLine: String = "",
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let bundle = try opened(path)
      let support = try SupportFile(bundle)
      let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !name.isEmpty else { throw WorkflowError(.usage, "--class needs a name") }
      var known = Dictionary(support.images.map { ($0.sha256, $0.class) }, uniquingKeysWith: { first, _ in first })
      var notes: [String] = []
      var fresh: [Sample] = []
      var first: [String: SHA256Digest] = [:]
      for (image, hash) in try found(inputs, &notes) {
        if let other = known[hash] {
          guard other == name else {
            throw WorkflowError(
              .badData,
              "\(image): the bundle knows it as \(other); if it is \(name), first `assay forget \(path) \(image)`")
          }
          notes.append("\(image): the bundle knows it already")
          continue
        }
        known[hash] = name
        let full = URL(fileURLWithPath: image).standardizedFileURL.path
        first[full] = SHA256Digest(hex: hash)
        fresh.append(Sample(path: full, name: image.lastPathComponent, label: name))
      }
      guard !fresh.isEmpty else { return try result("add", bundle, support.images, notes) }
      var options = options(bundle, maximumPixels, cache)
      options.commandLine = commandLine
      notes += WhiteLevelReader.notes(
        fresh.map(\.path), bundle.manifest.preprocessing, cache: cache, maximumPixels: maximumPixels)
      let extracted = try ExtractedFeatures(fresh, options: options.features, progress: progress)
      for (row, hash) in extracted.features.hashes.enumerated() {
        let path = extracted.samples[row].path
        if let first = first[path] { try KnownPicture(path: path, hash: first).check(hash) }
      }
      guard extracted.backbone.weightsHash == bundle.manifest.network.weightsSHA256,
        extracted.features.dimension == support.dimension
      else {
        throw WorkflowError(
          .badData,
          "\(path): the backbone \(bundle.manifest.network.backbone.name) of this machine is not the one that it was "
            + "trained with; import that one, or train it again")
      }
      return try refit(
        bundle, "add", support, keeping: support.images.indices.map { $0 }, extracted, options, notes, progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Takes images away; a class without images goes too.
  public static func forget(
    bundle path: String, images inputs: [String], maximumPixels: Int = DecodingOptions().maximumPixels,
    cache: FeatureCache? = FeatureCache(), progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let bundle = try opened(path)
      let support = try SupportFile(bundle)
      let hashes = Set(support.images.map(\.sha256))
      var gone: Set<String> = []
      var notes: [String] = []
      for (image, hash) in try found(inputs, &notes) {
        if hashes.contains(hash) {
          gone.insert(hash)
        } else {
          notes.append("\(image): the bundle has not learned from it")
        }
      }
      guard !gone.isEmpty else { return try result("forget", bundle, support.images, notes) }
      let kept = support.images.indices.filter { !gone.contains(support.images[$0].sha256) }
      let left = Set(kept.map { support.images[$0].class })
      if let good = bundle.manifest.goodClass, !left.contains(good) {
        throw WorkflowError(.badData, "\(path): no image of the good class \(good) would be left; nothing was changed")
      }
      guard left.count >= 2 else {
        throw WorkflowError(.badData, "\(path): fewer than two classes would be left; nothing was changed")
      }
      let options = options(bundle, maximumPixels, cache)
      let extracted = try ExtractedFeatures([], options: options.features, progress: progress)
      return try refit(bundle, "forget", support, keeping: kept, extracted, options, notes, progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func opened(_ path: String) throws -> ModelBundle {
    let bundle = try ModelBundle(path: path)
    guard bundle.manifest.adaptation == nil else {
      throw WorkflowError(
        .usage,
        "\(path): it was adapted to another line; teach the bundle that it was made of "
          + "(\(bundle.manifest.adaptation?.bundle ?? "")) and adapt that again")
    }
    guard bundle.manifest.training.method == .fewShot else {
      throw WorkflowError(
        .usage,
        bundle.manifest.training.method.isTaught
          ? "\(path): an anomaly detector learns good parts and has no classes; leave --class out"
          : "\(path): it was trained with --method \(bundle.manifest.training.method.rawValue) and keeps no images to learn "
            + "from; add the image to its data set and train it again, or train with --method fewshot")
    }
    return bundle
  }

  /// Images by path, with the SHA-256 of their bytes.
  /// - Parameter notes: gets what lies there and is no image that can be read.
  private static func found(_ inputs: [String], _ notes: inout [String]) throws -> [(path: String, hash: String)] {
    try inputs.flatMap { input in
      let found = FolderSearch.find(in: input)
      notes += DataReading.warnings(found.leftOut, of: input).map(\.text)
      guard !found.images.isEmpty else { throw WorkflowError(.noInput, "\(input): no image was found; check the path") }
      return try found.images.map { ($0, SHA256Digest(of: try ImageFile.contents(path: $0, maximumPixels: .max)).hex) }
    }
  }

  /// As the bundle was made.
  private static func options(_ bundle: ModelBundle, _ maximumPixels: Int, _ cache: FeatureCache?) -> TrainingOptions {
    TrainingOptions(
      of: bundle,
      features: FeatureOptions(
        of: bundle, whiteLevel: .kept(bundle.manifest.preprocessing.whiteLevel), maximumPixels: maximumPixels,
        cache: cache, isStrict: true))
  }

  /// Fits everything to the images kept and the new ones, and replaces the bundle.
  private static func refit(
    _ bundle: ModelBundle, _ action: String, _ support: SupportFile, keeping kept: [Int],
    _ extracted: ExtractedFeatures,
    _ options: TrainingOptions, _ notes: [String], _ progress: @escaping ProgressHandler
  ) throws -> Result {
    let recipe = try bundle.recipe(as: FewShotRecipe.self)
    let old = kept.map { support.images[$0] }
    let samples =
      old.map { Sample(path: $0.path, name: $0.name, label: $0.class, group: $0.group) } + extracted.samples
    let names = samples.compactMap(\.label)
    let found = Set(names)
    var classes = bundle.manifest.classes.filter(found.contains)
    for name in names where !classes.contains(name) { classes.append(name) }
    let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let d = support.dimension
    let features = FeatureSet(
      values: FeatureValues(kept.flatMap { support.rows[$0 * d..<($0 + 1) * d] } + Array(extracted.features.values)),
      dimension: d,
      rows: Array(samples.indices),
      hashes: old.compactMap { SHA256Digest(hex: $0.sha256) } + extracted.features.hashes, failures: [],
      cachedCount: extracted.features.cachedCount, computedCount: extracted.features.computedCount,
      cacheWarning: extracted.features.cacheWarning)
    var data = ExtractedDataset(
      Dataset(
        root: bundle.path, layout: Layout(rawValue: bundle.manifest.training.layout) ?? .classFolders, classes: classes,
        goodClass: bundle.manifest.goodClass, samples: samples, problems: []),
      extracted, samples: samples, labels: names.compactMap { index[$0] }, features: features)
    let now = Timestamp.text()
    var added: [String: String] = [:]
    for image in old { added[image.sha256] = image.addedAt }
    for hash in extracted.features.hashes { added[hash.hex] = now }

    var notes = notes
    let present = ContentHashes.of(old.map(\.path), cache: options.features.cache)
    data.absent = Set(old.indices.filter { present[$0]?.hex != old[$0].sha256 })
    if !data.absent.isEmpty {
      notes.append(
        "\(data.absent.count) of \(old.count) images learned from before are no longer where they were, or are others by "
          + "now; the evidence map is set by the rest alone. What is learned does not change.")
    }
    let rows = Array(samples.indices)
    let training = try FewShotHead(
      data, support: rows, seed: options.seed, shots: recipe.shots, split: recipe.split, progress: progress)
    let known = Set(kept)
    let gone = support.images.indices.filter { !known.contains($0) }.map { support.images[$0] }
    let changed = action == "add" ? extracted.samples.map(\.path) : gone.map(\.name)
    let hashes = action == "add" ? extracted.features.hashes.map(\.hex) : gone.map(\.sha256)
    let change = Manifest.Change(
      date: now, action: action, note: "fitted again to \(samples.count) images of \(classes.count) classes",
      images: Dictionary(zip(changed, hashes), uniquingKeysWith: { first, _ in first }))
    let written = try training.write(
      data, test: [], output: bundle.path, options: options, curve: nil, added: added,
      notes: notes + FewShotTrainer.notes(data, rows, nil), predecessor: (bundle, change), progress: progress)
    return Result(
      action: action, images: changed, counts: written.manifest.training.counts, classes: classes,
      classifier: training.classifier.chosen.description, notes: notes + FewShotTrainer.notes(data, rows, nil))
  }

  /// Where nothing changes.
  private static func result(
    _ action: String, _ bundle: ModelBundle, _ known: [SupportFile.Image], _ notes: [String]
  ) throws -> Result {
    Result(
      action: action, images: [], counts: Dictionary(grouping: known, by: \.class).mapValues(\.count),
      classes: bundle.manifest.classes,
      classifier: try bundle.recipe(as: FewShotRecipe.self).classifier.description, notes: notes)
  }
}
