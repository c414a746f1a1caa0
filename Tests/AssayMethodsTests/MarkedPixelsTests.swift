import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayImage
import AssayInspection
import AssayMethods
import AssayMethodsSupport
import AssayRuntime
import AssayTestSupport
import Foundation
import Testing

/// Masks with one label an image: the classifier marks pixels as well.
@Suite struct MarkedPixelsTests {
  private static let options = TrainingOptions(
    features: FeatureOptions(inputSize: 96, taps: ["stage3.expanded", "stage4.expanded"], cache: nil), usesMasks: true)

  @Test func classifierMarksPixels() throws {
    let parts = PartsFolder(each: 0)
    Miniature.magneticTile.write(to: parts.path, count: 50)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    let result = try Trainer.train(parts.path, output: parts.bundle, options: Self.options)
    let manifest = result.manifest
    let segmentation = try #require(manifest.segmentation)
    let defects = manifest.classes.filter { $0 != manifest.goodClass }
    #expect(manifest.task == .classification && segmentation.classes == defects && !defects.isEmpty)
    #expect(segmentation.thresholds.count == defects.count && segmentation.images >= 30)
    let pixels = try #require(result.segmentation)
    #expect(pixels.classes.map(\.name) == defects)
    for own in pixels.classes {
      #expect(own.dice ?? 0 > 0.45 && own.intersectionOverUnion ?? 0 > 0.3, "\(own)")
      #expect(own.perRegionOverlap ?? 0 > 0.7, "\(own)")
    }
    #expect(manifest.metrics.contains { $0.name == "Dice (mean over image and class)" })

    let test = try Evaluator.evaluate(bundle: parts.bundle, on: parts.path)
    #expect(test.segmentation?.meanDice == pixels.meanDice && test.report.contains("Marked pixels"))

    // A part's region lies on its defect; a good part has none.
    let station = try Inspector(path: parts.bundle, mode: .latency).makeSession()
    let new = PartsFolder(each: 0)
    let part = Miniature.Part(number: 431, kinds: [2])
    new.write("defect.pgm", part.picture)
    new.write("good.pgm", Miniature.Part(number: 433, kinds: []).picture)
    let found = try station.inspect(new.path + "/defect.pgm").inspection
    let region = try #require(found.region)
    let box = part.box(2)
    #expect(found.verdict == .defect)
    #expect(region.x < Double(box.x + box.width) && region.x + region.width > Double(box.x))
    #expect(region.y < Double(box.y + box.height) && region.y + region.height > Double(box.y))
    // The square has 196 of 4096 pixels.
    #expect(try #require(found.area) > 0.02 && (found.area ?? 1) < 0.12)
    let good = try station.inspect(new.path + "/good.pgm").inspection
    #expect(good.verdict == .good && good.region == nil && good.area == nil)
  }

  /// Good against defective: every mark is one of a defect.
  @Test func marksAnyDefect() throws {
    let parts = PartsFolder(each: 0)
    Miniature.magneticTile.write(to: parts.path, count: 50)
    defer { try? FileManager.default.removeItem(atPath: parts.bundle) }
    var options = Self.options
    options.labels = .binary
    let result = try Trainer.train(parts.path, output: parts.bundle, options: options)
    #expect(result.manifest.segmentation?.classes == ["defect"])
    #expect(try #require(result.segmentation?.classes.first?.dice) > 0.45)
  }

  @Test func masksAreNeeded() {
    let parts = PartsFolder(each: 0)
    Miniature.classFolders.write(to: parts.path, count: 12)
    var failure: WorkflowError?
    do throws(WorkflowError) {
      _ = try Trainer.train(parts.path, output: parts.bundle, options: Self.options)
    } catch { failure = error }
    #expect(failure?.description.contains("--use-masks needs masks or boxes") == true)
    #expect(!FileManager.default.fileExists(atPath: parts.bundle))
  }
}
