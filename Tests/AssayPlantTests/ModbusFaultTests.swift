import AssayImage
import AssayInspection
import AssayPlant
import AssayStation
import Testing

/// The table of docs/plant.md: what a PLC is told of each reason why a part has no verdict.
@Suite struct ModbusFaultTests {
  private static let picture = PartRefusal.unreadable(
    ImageError(file: "a.png", reason: .truncated, cause: "it is cut short", remedy: "copy it again"))
  private static let noNumber = InspectionError.notFinite(name: "a.png", output: "score")

  @Test(arguments: [
    (PartRefusal.full, ModbusFault.busy), (.closed, .busy), (.waitedTooLong(seconds: 5), .busy),
    (picture, .unreadable), (.inBatch(index: 3, picture), .unreadable), (.noModel("part"), .failed),
    (.noFiniteAnswer(noNumber), .failed), (.failed(noNumber), .failed), (.onlyATile, .failed),
  ]) func refusals(refusal: PartRefusal, fault: ModbusFault) {
    #expect(ModbusFault(refusal) == fault)
  }
}
