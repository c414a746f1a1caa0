import AssayBackbones
import AssayBundle
import AssayData
import AssayGraph
import AssayImage
import AssayLearning
import AssayRuntime
import Foundation

// Calibration and uncertain parts over many small draws of a data set: before and after. Features are those of `assay train`,
// from its cache. usage: CalibrationBenchmark DATA [DRAWS [GOOD CLASS]]

let words = CommandLine.arguments.dropFirst().map { $0 }
guard let path = words.first, let draws = words.count > 1 ? Int(words[1]) : 200, draws > 1 else {
  print("usage: CalibrationBenchmark DATA [DRAWS [GOOD CLASS]]")
  exit(64)
}
do {
  let dataset = try DatasetReader.read(path, options: DatasetOptions(goodClass: words.count > 2 ? words[2] : nil))
  let backbone = try BackboneCatalogue.load(BackboneCatalogue.defaultName)
  let side = backbone.inputSize
  let specification = try FeatureSpecification(
    taps: backbone.defaultTaps, statistics: TapStatistic.allCases, width: side, height: side
  ).validated(for: backbone)
  let extractor = FeatureExtractor(
    onnx: try FeatureGraph.build(backbone, specification).serialized(),
    dimension: specification.dimension(of: backbone),
    preprocessing: Preprocessing(width: side, height: side, policy: .stretch, filter: .bilinear, whiteLevel: nil),
    cache: FeatureCache(), engines: .automatic, maximumPixels: DecodingOptions().maximumPixels)
  let samples = dataset.samples.filter { $0.label != nil }
  let features = try extractor.features(of: samples.map(\.path))
  let labels = features.rows.compactMap { row in samples[row].label.flatMap { dataset.classes.firstIndex(of: $0) } }
  let values = Array(features.values)
  let good = dataset.goodClass.flatMap { dataset.classes.firstIndex(of: $0) }
  print("\(path): \(labels.count) parts, \(dataset.classes.count) classes, \(draws) draws of 6 to 30 parts a class")
  var (before, after, none): ([Double], [Double], [Double]) = ([], [], [])
  var (temperatures, earlier): ([Double], [Double]) = ([], [])
  var (sureBefore, sureAfter) = (0, 0)
  var (thumb, thumbNow, band): ([Double], [Double], [Double]) = ([], [], [])
  for number in 0..<draws {
    let draw = try Draw(number, values, dimension: features.dimension, labels: labels, good: good)
    let old = EarlierRules.temperature(draw.heldOut, labels: draw.heldOutLabels, classCount: draw.classCount)
    let new = TemperatureScaling(
      heldOut: draw.heldOut, labels: draw.heldOutLabels, classCount: draw.classCount
    ).temperature
    earlier.append(old)
    temperatures.append(new)
    none.append(draw.loss(1))
    before.append(draw.loss(old) - draw.loss(1))
    after.append(draw.loss(new) - draw.loss(1))
    sureBefore += draw.certainlyWrong(old)
    sureAfter += draw.certainlyWrong(new)
    thumb.append(try draw.uncertain(old, budget: nil))
    thumbNow.append(try draw.uncertain(new, budget: nil))
    band.append(try draw.uncertain(new, budget: UncertainBand.usualBudget))
  }
  func line(_ name: String, _ column: Column, _ temperatures: [Double], _ sure: Int) {
    let range = Column(values: temperatures)
    print(
      String(
        format: "  %@ %+.4f +- %.4f   worst %+.3f   worse by 0.01 in %3.0f %%   T %.2f to %.2f   %d", name, column.mean,
        column.error, column.worst, column.share(above: 0.01) * 100, range.least, range.worst, sure))
  }
  print(
    String(
      format: "log loss of new parts at T = 1: %.4f; difference from it (mean and standard error over the draws),",
      Column(values: none).mean))
  print("and new parts of the first class called another with p > 1 - 1e-6:")
  line("before", Column(values: before), earlier, sureBefore)
  line("after ", Column(values: after), temperatures, sureAfter)
  print("share of new parts that are uncertain, planned for 5 %:")
  for (name, column) in [
    ("before                     ", Column(values: thumb)), ("before, calibrated as now   ", Column(values: thumbNow)),
    ("after                       ", Column(values: band)),
  ] {
    print(
      String(
        format: "  %@ mean %.1f %%, %.1f to %.1f %%, above 10 %% in %.0f %% of the draws", name, column.mean * 100,
        column.least * 100, column.worst * 100, column.share(above: 0.1) * 100))
  }
} catch {
  print("\(error)")
  exit(1)
}
