import AssayImage

/// What a user should know of a data set before training on it, in sentences.
enum SurveyWarnings {
  static func list(_ survey: DataSurvey) -> [String] {
    var warnings: [String] = []
    func warn(_ condition: Bool, _ text: @autoclosure () -> String) {
      if condition { warnings.append(text()) }
    }
    warn(
      !survey.reading.leftOut.isEmpty,
      survey.reading.leftOutImages > 0
        ? "\(count(survey.reading.leftOutImages, "image")) cannot be used and will not take part; see what is left out."
        : "Some entries of the data set cannot be used; see what is left out.")
    warn(
      !survey.misnamed.isEmpty,
      "\(count(survey.misnamed.count, "file")) \(survey.misnamed.count == 1 ? "has" : "have") another format than the name says; Assay goes by the content."
    )
    warnings += survey.whiteLevel?.notes ?? []
    let exactLeaks = survey.exactCopies.count { $0.leakingSplits != nil }
    warn(
      exactLeaks > 0,
      "Leak: \(count(exactLeaks, "image")) \(exactLeaks == 1 ? "is" : "are") in more than one of the splits that the data gives; figures on the test set will be too good. Remove the copies."
    )
    let nearLeaks = survey.nearCopies.count { $0.leakingSplits != nil }
    warn(
      nearLeaks > 0,
      "Leak: near copies of \(count(nearLeaks, "photograph")) are in more than one of the splits that the data gives; figures on the test set will be too good. Remove them from one side, or leave the splits to Assay, which keeps copies together."
    )
    let conflicts = (survey.exactCopies + survey.nearCopies).count { $0.conflictingLabels != nil }
    warn(
      conflicts > 0,
      "\(count(conflicts, "group")) of identical or nearly identical images \(conflicts == 1 ? "has" : "have") different labels. Decide which is right."
    )
    warn(
      survey.severalLabelled > 0,
      "\(count(survey.severalLabelled, "image")) \(survey.severalLabelled == 1 ? "shows" : "show") more than one class. Train with --multi-label to find them all, or with --labels binary to tell good from defective."
    )
    warn(survey.unlabelled > 0, "\(count(survey.unlabelled, "image")) without a label cannot be trained on.")
    if let imbalance = survey.imbalance, imbalance >= 10 {
      warnings.append(
        "The largest class has \(Int(imbalance.rounded())) times as many images as the smallest. Add images of the rare classes, or train with --class-weights balanced."
      )
    }
    for (label, splits) in survey.counts.sorted(by: { $0.key < $1.key }) {
      let total = splits.values.reduce(0, +)
      warn(total < 10, "Class \(label) has only \(count(total, "image")); ten or more give a figure worth trusting.")
    }
    warn(
      survey.counts.count == 1,
      "There is only one class; a classifier needs at least two.")
    return warnings
  }

  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }
}
