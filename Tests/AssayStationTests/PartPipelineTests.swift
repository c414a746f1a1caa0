import AssayImage
import AssayInspection
import AssayRecord
import AssayStation
import AssayTestSupport
import Foundation
import Testing

@Suite struct PartPipelineTests {
  /// Nine images, the eighth broken: it is named, and none of the nine is on record, counted or told; a second try doubles
  /// nothing.
  @Test func aBatchIsOnRecordAsAWholeOrNotAtAll() async throws {
    let tiny = try TinyStation()
    let bundle = try #require(tiny.station.shelf["part"])
    let broken = Array(Pictures.grey(0).prefix(60))
    let metrics = { @Sendable in tiny.station.metrics.pace(model: "part").medianMilliseconds }
    do throws(PartRefusal) {
      _ = try await tiny.station.inspect(count: 9, with: bundle) { index in
        Part(.file(index == 7 ? broken : Pictures.grey(0)), serial: "S")
      }
      Issue.record("the eighth is broken")
    } catch {
      guard case .inBatch(7, .unreadable(let cause)) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(cause.reason == .truncated)
      #expect(error.description.hasPrefix("image 7, counted from 0: "))
    }
    #expect(try tiny.records().isEmpty && tiny.heard.answers.isEmpty && metrics() == nil)
    #expect(tiny.station.monitor(bundle).observations.isEmpty)

    let parts = try await tiny.station.inspect(count: 9, with: bundle) { index in
      Part(.file(Pictures.grey(index == 4 ? 255 : 0)), serial: "S-\(index)")
    }
    #expect(parts.map { $0.answer?.inspection.verdict } == (0..<9).map { $0 == 4 ? .defect : .good })
    let records = try tiny.records()
    #expect(records.map(\.serial) == (0..<9).reversed().map { "S-\($0)" }, "each once, in order")
    #expect(parts.map { $0.answer?.id } == (1...9).map { Int64($0) })
    #expect(tiny.heard.answers.map(\.serial) == (0..<9).map { "S-\($0)" })
    #expect(tiny.station.monitor(bundle).observations.count == 9)
  }

  /// Of several bad images the first is named, whichever was looked at first.
  @Test func theFirstBadImageIsNamed() async throws {
    let tiny = try TinyStation()
    let bundle = try #require(tiny.station.shelf["part"])
    for _ in 0..<5 {
      do throws(PartRefusal) {
        _ = try await tiny.station.inspect(count: 8, with: bundle) { index in
          Part(.file(index >= 2 ? Array("no picture".utf8) : Pictures.grey(0, width: 600, height: 600)))
        }
      } catch {
        guard case .inBatch(2, .unreadable) = error else {
          Issue.record("\(error)")
          return
        }
      }
    }
  }

  /// A camera's pixels and the file that holds them are the same part: verdict, hash, and what the record keeps.
  @Test func pixelsAreAsTheirFile() async throws {
    let tiny = try TinyStation()
    let bundle = try #require(tiny.station.shelf["part"])
    let deep = Image(
      width: 40, height: 30, channels: 1,
      samples: .uint16((0..<1200).map { UInt16((131_070 * ($0 % 1024) + 1023) / 2046) }),
      depth: SampleDepth(full: 1023))
    for image in [
      deep, Image(width: 40, height: 30, channels: 3, samples: .uint8([UInt8](repeating: 255, count: 3600))),
    ] {
      let (_, byPixels) = try await tiny.station.inspect(Part(.pixels(image)), with: bundle)
      let (_, byFile) = try await tiny.station.inspect(Part(.file(image.portableAnymap)), with: bundle)
      #expect(byPixels?.inspection.score == byFile?.inspection.score)
      #expect(byPixels?.inspection.verdict == byFile?.inspection.verdict)
      let records = try tiny.records().prefix(2)
      #expect(records.map(\.width) == [40, 40] && Set(records.map(\.imageHash)).count == 1)
      let kept = try #require(try tiny.station.record?.image(records[1].id))
      #expect(try ImageFile.decode(kept, name: "kept") == image, "without loss, with its depth")
    }
  }

  /// The record's policy decides whether pixels are encoded at all.
  @Test func pixelsAreKeptByThePolicy() async throws {
    let tiny = try TinyStation { $0.images = .defects }
    let bundle = try #require(tiny.station.shelf["part"])
    for level: UInt8 in [0, 255] {
      let image = Image(width: 8, height: 8, channels: 1, samples: .uint8([UInt8](repeating: level, count: 64)))
      _ = try await tiny.station.inspect(Part(.pixels(image)), with: bundle)
    }
    #expect(try tiny.records().map(\.hasImage) == [true, false], "the newest is white, so bad")
  }

  @Test func pixelsHaveTheSameLimit() async throws {
    let tiny = try TinyStation { $0.maximumPixels = 63 }
    let image = Image(width: 8, height: 8, channels: 1, samples: .uint8([UInt8](repeating: 0, count: 64)))
    do throws(PartRefusal) {
      _ = try await tiny.station.inspect(model: "part", .pixels(image), serial: nil)
      Issue.record("64 pixels are more than 63")
    } catch {
      guard case .unreadable(let cause) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(cause.reason == .tooLarge)
    }
    await #expect(throws: PartRefusal.self) {
      _ = try await tiny.station.inspect(model: "none", .pixels(image), serial: nil)
    }
  }

  /// What can never fit is refused from its header alone, naming the limit; what fits is judged.
  @Test func decodedPixelsHaveABudget() async throws {
    let tiny = try TinyStation { $0.memory = 16 << 20 }
    let bundle = try #require(tiny.station.shelf["part"])
    // 4000 x 4000 in 8 bits are 15.3 MiB; pixels have 9.
    let large = Pictures.grey(0, width: 4000, height: 4000)
    do throws(PartRefusal) {
      _ = try await tiny.station.inspect(Part(.file(large)), with: bundle)
      Issue.record("it cannot fit")
    } catch {
      guard case .overBudget(let shortage) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(shortage.bytes >= 16_000_000 && error.description.contains("--memory"))
    }
    _ = try await tiny.station.inspect(Part(.file(Pictures.grey(0, width: 2000, height: 2000))), with: bundle)
    #expect(tiny.station.budget.free(of: .pixels) == 9 << 20, "all of it is given back")
  }
}
