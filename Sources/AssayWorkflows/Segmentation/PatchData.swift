import AssayData
import AssayImage
import AssayModel
import AssayRuntime

/// Images of which it is known which pixels show which class of defect.
struct PatchData {
  /// For messages.
  let root: String
  let samples: [Sample]
  /// Each sample's file.
  let pictures: [KnownPicture]
  let backbone: any Backbone
  let preprocessing: Preprocessing
  /// Classes of defect, in the order of the output.
  let classes: [String]
  let goodClass: String?

  init(_ data: MultiLabelDataset) {
    root = data.dataset.root
    samples = data.extracted.samples
    pictures = data.extracted.samples.indices.map(data.extracted.picture)
    backbone = data.extracted.backbone
    preprocessing = data.extracted.preprocessing
    classes = data.classes
    goodClass = data.dataset.goodClass
  }

  /// Of one label an image: every class but the good one.
  init(_ data: ExtractedDataset) {
    root = data.dataset.root
    samples = data.samples
    pictures = data.samples.indices.map(data.picture)
    backbone = data.backbone
    preprocessing = data.preprocessing
    classes = data.dataset.classes.filter { $0 != data.dataset.goodClass }
    goodClass = data.dataset.goodClass
  }
}
