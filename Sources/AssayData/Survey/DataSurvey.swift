import AssayImage
import Foundation
import Synchronization

/// What a data set consists of, and what is wrong with it.
public struct DataSurvey: Codable, Sendable {
  public struct Range: Codable, Sendable, Equatable {
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
  public var goodClass: String?
  /// Class name to split name to count.
  public var counts: [String: [String: Int]]
  public var images: Int
  public var unlabelled: Int
  public var width: Range?
  public var height: Range?
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
    let readings = SurveyReader.readAll(dataset.samples, maximumPixels: maximumPixels, progress: progress)
    return DataSurvey(dataset, readings, rule, whiteLevel: whiteLevel)
  }

  init(_ dataset: Dataset, _ readings: [SurveyReader.Reading], _ rule: SplitRule, whiteLevel given: Int?) {
    let samples = dataset.samples
    let splits = rule.assign(samples: samples, hashes: readings.map(\.hash))
    layout = dataset.layout.rawValue
    goodClass = dataset.goodClass
    counts = [:]
    for (sample, split) in zip(samples, splits) {
      for label in sample.countedLabels { counts[label, default: [:]][split.rawValue, default: 0] += 1 }
    }
    images = samples.count
    unlabelled = samples.count { $0.label == nil && $0.targets.isEmpty }
    let headers = readings.compactMap(\.header)
    width = Self.range(headers.map(\.width))
    height = Self.range(headers.map(\.height))
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
    nearCopies = Self.resembling(exact.values.compactMap(\.first).sorted(), readings).map(copies)
    let sizes = counts.values.map { $0.values.reduce(0, +) }
    imbalance = sizes.count < 2 ? nil : Double(sizes.max() ?? 1) / Double(max(1, sizes.min() ?? 1))
    problems = dataset.problems
    tasks = dataset.offeredTasks.isEmpty ? nil : dataset.offeredTasks.map { TaskSurvey($0, samples, splits) }
    warnings = []
    warnings = SurveyWarnings.list(self)
  }

  /// Groups of images that look the same though their files differ.
  private static func resembling(_ indices: [Int], _ readings: [SurveyReader.Reading]) -> [[Int]] {
    var groups: [[Int]] = []
    var placed: [Int: Int] = [:]
    let found = indices.compactMap { index in readings[index].look.map { (index, $0) } }
    let looks = Array(zip(found.map(\.0), CommonStructure.removed(from: found.map(\.1))))
    for a in looks.indices {
      for b in looks.index(after: a)..<max(looks.endIndex, looks.index(after: a)) {
        guard looks[a].1.resembles(looks[b].1) else { continue }
        let group = placed[looks[a].0] ?? placed[looks[b].0] ?? groups.count
        if group == groups.count { groups.append([]) }
        for index in [looks[a].0, looks[b].0] where placed[index] == nil {
          placed[index] = group
          groups[group].append(index)
        }
      }
    }
    return groups.map { $0.sorted() }
  }

  private static func range(_ values: [Int]) -> Range? {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    return Range(smallest: first, median: sorted[sorted.count / 2], largest: last)
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
    var look: PerceptualHash?
    /// Of a picture of more than 8 bits.
    var white: WhiteLevelChoice.Picture?
    var error: ImageError?
  }

  static func readAll(
    _ samples: [Sample], maximumPixels: Int, progress: @escaping @Sendable (Int, Int) -> Void
  ) -> [Reading] {
    let results = Mutex([Reading](repeating: Reading(), count: samples.count))
    let done = Mutex(0)
    let workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      let resampler = Resampler()
      for index in stride(from: worker, to: samples.count, by: workers) {
        let reading = read(samples[index], maximumPixels, resampler)
        results.withLock { $0[index] = reading }
        done.withLock { done in
          done += 1
          progress(done, samples.count)
        }
      }
    }
    return results.withLock { $0 }
  }

  private static func read(_ sample: Sample, _ maximumPixels: Int, _ resampler: Resampler) -> Reading {
    let path = sample.path
    var reading = Reading()
    do throws(ImageError) {
      let bytes = try ImageFile.contents(path: path)
      reading.hash = ContentHash.of(bytes)
      reading.header = try ImageFile.header(of: bytes, name: path, maximumPixels: maximumPixels)
      let image = try ImageFile.decode(bytes, name: path, options: DecodingOptions(maximumPixels: maximumPixels))
      reading.look = PerceptualHash(image, resampler: resampler)
      reading.white = WhiteLevelChoice.Picture(name: sample.name, image)
    } catch {
      reading.error = error
    }
    return reading
  }
}
