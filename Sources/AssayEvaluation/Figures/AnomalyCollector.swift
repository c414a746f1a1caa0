package import AssayBundle
package import AssayData
package import AssayImage
package import AssayInspection
package import AssayMetrics
import AssayRuntime
import Synchronization

/// Collects readings from several threads in memory that does not grow with the number of images, but for a score each.
package final class AnomalyCollector: Sendable {
  package struct State: Sendable {
    package var rows: [(index: Int, score: Double)] = []
    package var failures: [InspectionError] = []
    package var pixels = SegmentationScores()
    package var goodPixels = SegmentationScores()
    package var pixelsByType: [String: SegmentationScores] = [:]
    package var done = 0
    package var examples: ExampleShelf?
    /// Of images whose marks cannot be read.
    package var marks: [ImageError] = []
    package var undrawn: ImageError?
  }

  /// One image's share, added in the images' order: sums and the choice of examples are the same every time.
  package struct Share: Sendable {
    package var failure: InspectionError?
    package var score: Double?
    package var isDefect = false
    package var label: String?
    package var truth: (scores: [Float], mask: [Bool], counted: [Bool]?)?
    package var size = (width: 0, height: 0)
    package var picture: ExampleShelf.Example?
  }

  private let samples: [Sample]
  private let manifest: Manifest
  private let goodClass: String
  private let hasMasks: Bool
  private let region: RegionLookup?
  private let totals: AnomalyTotals
  private let order: OrderedDelivery<Share>

  package init(_ samples: [Sample], _ manifest: Manifest, goodClass: String) {
    self.samples = samples
    self.manifest = manifest
    self.goodClass = goodClass
    hasMasks = samples.contains { $0.hasPixelTruth && $0.label != goodClass }
    region = RegionLookup(manifest.anomalySpec?.model.region)
    let totals = AnomalyTotals(threshold: manifest.threshold?.value, goodClass: goodClass)
    self.totals = totals
    order = OrderedDelivery { totals.add($0, $1) }
  }

  package func state() -> State { totals.state }

  package func tick(_ report: (Int) -> Void) {
    totals.change {
      $0.done += 1
      report($0.done)
    }
  }

  package func take(
    _ index: Int, _ result: Result<AnomalyReader.Read, InspectionError>
  ) {
    switch result {
    case .failure(let error): order.deliver(index, Share(failure: error))
    case .success(let read):
      let (reading, image) = (read.reading, read.image)
      let sample = samples[index]
      let isDefect = sample.label != goodClass
      let truth = pixelTruth(sample, isDefect, reading.map)
      let picture = example(index, reading, image)
      let (width, height) = (reading.map.placement.sourceWidth, reading.map.placement.sourceHeight)
      order.deliver(
        index,
        Share(
          score: reading.score, isDefect: isDefect, label: sample.label, truth: truth, size: (width, height),
          picture: picture))
    }
  }

  /// Scores and mask at the photograph's own resolution; nil where there is no mask to compare with.
  private func pixelTruth(
    _ sample: Sample, _ isDefect: Bool, _ map: AnomalyMap
  ) -> (scores: [Float], mask: [Bool], counted: [Bool]?)? {
    guard hasMasks, !isDefect || sample.hasPixelTruth else { return nil }
    let (width, height) = (map.placement.sourceWidth, map.placement.sourceHeight)
    var mask = [Bool](repeating: false, count: width * height)
    if isDefect {
      do throws(ImageError) {
        guard let marked = try sample.markedPixels(width: width, height: height) else { return nil }
        mask = marked
      } catch {
        // The image is judged; its pixels are not, and that is said.
        totals.change { $0.marks.append(error) }
        return nil
      }
    }
    return (map.atFullResolution(), mask, region?.pixels(width: width, height: height))
  }

  /// Pictures are made for images that may be shown: mistakes, and a few of what is right.
  private func example(_ index: Int, _ reading: AnomalyReading, _ image: Image) -> ExampleShelf.Example? {
    let (name, label) = (samples[index].name, samples[index].label ?? "")
    guard let anomaly = manifest.anomalySpec?.model, let threshold = manifest.threshold?.value,
      totals.wants(name, label: label, score: reading.score)
    else { return nil }
    let canvas = AnomalyOverlay.draw(
      image, reading, threshold: anomaly.mapThreshold, isOutlined: reading.score >= threshold,
      maximumSide: FindingPicture.side)
    do throws(ImageError) {
      return .init(name: name, label: label, score: reading.score, picture: try canvas.jpeg(quality: 80))
    } catch {
      totals.change { $0.undrawn = $0.undrawn ?? error }
      return nil
    }
  }
}
