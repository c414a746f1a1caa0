import AssayBase
public import AssayImage
import Foundation
import Synchronization

/// What a data set consists of, and what is wrong with it.
public struct DataSurvey: Codable, Sendable {
  /// Sides of the images, in pixels.
  public struct Sides: Codable, Sendable, Equatable {
    public var smallest: Int
    public var median: Int
    public var largest: Int
  }

  public struct Copies: Codable, Sendable, Equatable {
    /// Names of the images that are the same.
    public var names: [String]
    /// Their labels, when these differ.
    public var conflictingLabels: [String]?
    /// Their splits, when these differ: a leak.
    public var leakingSplits: [String]?
  }

  public struct Unreadable: Codable, Sendable, Equatable {
    public var name: String
    public var cause: String
    public var remedy: String
  }

  public var layout: String
  /// How the data set was read, and what was left out, unreadable images included.
  public var reading: DataReading
  public var goodClass: String?
  /// Why no class is known to be good; nil when one is.
  public var goodClassReason: String?
  /// Class name to split name to count.
  public var counts: [String: [String: Int]]
  public var images: Int
  public var unlabelled: Int
  public var width: Sides?
  public var height: Sides?
  public var distinctSizes: Int
  public var formats: [String: Int]
  public var bitDepths: [String: Int]
  public var channels: [String: Int]
  /// Which value is white in pictures of more than 8 bits; nil without any.
  public var whiteLevel: WhiteLevelChoice?
  /// Images with a mask image of their own, or with regions given as polygons, runs or mask images.
  public var masks: Int
  /// Images with boxes, and all boxes.
  public var boxedImages: Int
  public var boxes: Int
  /// All polygons, runs and mask images of classes.
  public var regions: Int
  /// Images that show several classes.
  public var severalLabelled: Int
  public var groups: Int
  public var unreadable: [Unreadable]
  /// Files whose extension names another format than they have.
  public var misnamed: [String]
  public var exactCopies: [Copies]
  public var nearCopies: [Copies]
  /// Largest class over smallest class.
  public var imbalance: Double?
  /// Everything that was left out, entry by entry.
  public var problems: [DataProblem]
  /// Every task that the data set offers; nil for one with plain labels alone.
  public var tasks: [TaskSurvey]?
  /// For people: what to know before training, and what to do.
  public var warnings: [String]

  /// Reads every image once, on all cores.
  /// - Parameters:
  ///   - rule: decides the splits that the data does not give.
  ///   - whiteLevel: what a person says is white in pictures of more than 8 bits; nil to find it.
  ///   - progress: called with (done, total), from any thread, one call at a time.
  public static func run(
    _ dataset: Dataset, rule: SplitRule = .init(), whiteLevel: Int? = nil,
    maximumPixels: Int = DecodingOptions().maximumPixels,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> DataSurvey {
    let (readings, fingerprints) = SurveyReader.readAll(
      dataset.samples, maximumPixels: maximumPixels, progress: progress)
    let search = CopySearch(
      paths: dataset.samples.map(\.path), hashes: readings.map { $0.hash.isEmpty ? nil : $0.hash },
      maximumPixels: maximumPixels)
    return DataSurvey(dataset, readings, copies: search.pairs(fingerprints), rule, whiteLevel: whiteLevel)
  }

  /// - Parameters:
  ///   - pairs: near copies, by index.
  ///   - given: what a person says is white in pictures of more than 8 bits.
  init(
    _ dataset: Dataset, _ readings: [SurveyReader.Reading], copies pairs: [(Int, Int)], _ rule: SplitRule,
    whiteLevel given: Int? = nil
  ) {
    let samples = CopySets.marked(
      dataset.samples, hashes: readings.map { $0.hash.isEmpty ? nil : $0.hash }, pairs: pairs)
    let splits = rule.assign(samples: samples, hashes: readings.map(\.hash))
    layout = dataset.layout.rawValue
    goodClass = dataset.goodClass
    goodClassReason = dataset.goodClassReason
    counts = [:]
    for (sample, split) in zip(samples, splits) {
      for label in sample.countedLabels { counts[label, default: [:]][split.rawValue, default: 0] += 1 }
    }
    images = samples.count
    unlabelled = samples.count { $0.label == nil && $0.targets.isEmpty }
    let headers = readings.compactMap(\.header)
    width = Self.sides(headers.map(\.width))
    height = Self.sides(headers.map(\.height))
    distinctSizes = Set(headers.map { [$0.width, $0.height] }).count
    formats = Self.tally(headers.map(\.format.title))
    bitDepths = Self.tally(headers.map { String($0.bitsPerSample) })
    channels = Self.tally(headers.map { $0.channels == 1 ? "mono" : "colour" })
    let choice = WhiteLevelChoice(readings.compactMap(\.white), given: given)
    whiteLevel = choice.level == nil ? nil : choice
    masks = samples.count { $0.mask != nil || $0.regions.contains { !$0.isBox } }
    boxedImages = samples.count { $0.regions.contains(where: \.isBox) }
    boxes = samples.reduce(0) { $0 + $1.regions.count(where: \.isBox) }
    regions = samples.reduce(0) { $0 + $1.regions.count } - boxes
    severalLabelled = samples.count { ($0.labels?.count ?? 0) > 1 }
    groups = Set(samples.compactMap(\.group)).count
    unreadable = zip(samples, readings).compactMap { sample, reading in
      reading.error.map { Unreadable(name: sample.name, cause: $0.cause, remedy: $0.remedy) }
    }
    var used = dataset
    used.leaveOutUnlabelled(tasks: dataset.tasks.isEmpty ? nil : Set(dataset.tasks.map(\.name)))
    used.leaveOut(
      zip(samples, readings).compactMap { sample, reading in
        reading.error.map { Dataset.Refusal(path: sample.path, cause: $0.cause, remedy: $0.remedy) }
      })
    reading = DataReading(used)
    problems = used.problems
    misnamed = zip(samples, readings).filter { $1.header?.extensionMismatch == true }.map(\.0.name)
    func copies(_ members: [Int]) -> Copies {
      let labels = Set(members.compactMap { samples[$0].label }).sorted()
      let places = Set(members.map { splits[$0].rawValue }).sorted()
      return Copies(
        names: members.map { samples[$0].name }, conflictingLabels: labels.count > 1 ? labels : nil,
        leakingSplits: places.count > 1 ? places : nil)
    }
    let exact = Dictionary(grouping: samples.indices.filter { !readings[$0].hash.isEmpty }) { readings[$0].hash }
    exactCopies = exact.values.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }.map(copies)
    nearCopies = Self.connected(pairs).map(copies)
    let sizes = counts.values.map { $0.values.reduce(0, +) }
    imbalance = sizes.count < 2 ? nil : Double(sizes.max() ?? 1) / Double(max(1, sizes.min() ?? 1))
    tasks = dataset.offeredTasks.isEmpty ? nil : dataset.offeredTasks.map { TaskSurvey($0, samples, splits) }
    warnings = []
    warnings = SurveyWarnings.list(self)
  }

  /// Sets of images that pairs connect, in the order of their first images.
  private static func connected(_ pairs: [(Int, Int)]) -> [[Int]] {
    var sets = UnionFind<Int>()
    for (a, b) in pairs { sets.join(a, b) }
    let members = Set(pairs.flatMap { [$0.0, $0.1] }).sorted()
    return Dictionary(grouping: members) { sets.root($0) }.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func sides(_ values: [Int]) -> Sides? {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    return Sides(smallest: first, median: sorted[sorted.count / 2], largest: last)
  }

  private static func tally(_ names: [String]) -> [String: Int] {
    names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

/// Reads the images of a survey.
enum SurveyReader {
  struct Reading: Sendable {
    var hash = ""
    var header: ImageHeader?
    /// Of a picture of more than 8 bits.
    var white: WhiteLevelChoice.Picture?
    var error: ImageError?
  }

  /// - Returns: what was read of each sample, and the fingerprints of those that could be decoded.
  static func readAll(
    _ samples: [Sample], maximumPixels: Int, progress: @escaping @Sendable (Int, Int) -> Void
  ) -> ([Reading], FingerprintStore) {
    let results = Mutex(([Reading](repeating: Reading(), count: samples.count), FingerprintStore(count: samples.count)))
    let done = Mutex(0)
    ParallelLoop.run((samples.count + 15) / 16) { part in
      var maker = Fingerprint.Maker()
      for index in part * 16..<min(samples.count, part * 16 + 16) {
        let (reading, fingerprint) = read(samples[index], maximumPixels, &maker)
        results.withLock {
          $0.0[index] = reading
          if let fingerprint { $0.1.set(fingerprint, at: index) }
        }
        done.withLock { done in
          done += 1
          progress(done, samples.count)
        }
      }
    }
    return results.withLock { $0 }
  }

  private static func read(
    _ sample: Sample, _ maximumPixels: Int, _ maker: inout Fingerprint.Maker
  ) -> (Reading, Fingerprint?) {
    let path = sample.path
    var reading = Reading()
    do throws(ImageError) {
      let bytes = try ImageFile.contents(path: path, maximumPixels: maximumPixels)
      reading.hash = ContentHash.of(bytes)
      reading.header = try ImageFile.header(of: bytes, name: path, maximumPixels: maximumPixels)
      let image = try ImageFile.decode(bytes, name: path, options: DecodingOptions(maximumPixels: maximumPixels))
      reading.white = WhiteLevelChoice.Picture(name: sample.name, image)
      return (reading, maker.fingerprint(image))
    } catch {
      reading.error = error
      return (reading, nil)
    }
  }
}
