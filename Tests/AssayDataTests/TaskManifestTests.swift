import AssayData
import AssayTestSupport
import Testing

@Suite struct TaskManifestTests {
  let folder = TemporaryFolder()

  private func read(_ csv: String, _ options: DatasetOptions = .init()) throws(DataError) -> Dataset {
    folder.write("parts.csv", csv)
    return try DatasetReader.read(folder.path + "/parts.csv", options: options)
  }

  private func pictures(_ count: Int) { for index in 0..<count { folder.picture("\(index).pgm", seed: index) } }

  @Test func columnsBecomeTasks() throws {
    pictures(4)
    let dataset = try read(
      "path,Label:defect, level:Grade ,score:severity,operator\n"
        + "0.pgm,ok,2,0.5,Kim\n1.pgm,scratch,10,,Lee\n2.pgm,,1,1.25e1,\n3.pgm,ok,,-3,\n")
    #expect(dataset.tasks.map(\.name) == ["defect", "Grade", "severity"])
    #expect(dataset.tasks.map(\.kind) == [.classification, .ordinal, .real])
    #expect(dataset.tasks[0].classes == ["ok", "scratch"] && dataset.tasks[0].goodClass == "ok")
    #expect(dataset.tasks[1].levels == [1, 2, 10], "levels are ordered as numbers")
    #expect(dataset.samples[1].targets == ["defect": .label("scratch"), "Grade": .value(10)])
    #expect(dataset.samples[2].targets == ["Grade": .value(1), "severity": .value(12.5)])
    #expect(dataset.samples[0].annotations == ["operator": "Kim"] && dataset.problems.isEmpty)
    // Whatever knows of one label only sees the primary task's.
    #expect(dataset.samples.map(\.label) == ["ok", "scratch", nil, "ok"])
    #expect(dataset.classes == ["ok", "scratch"] && dataset.goodClass == "ok" && dataset.primaryTask?.name == "defect")
  }

  @Test func plainLabelIsATaskBesideOthers() throws {
    pictures(2)
    let both = try read("path,label,label:line\n0.pgm,bad,A\n1.pgm,good,B\n")
    #expect(both.tasks.map(\.name) == ["label", "line"] && both.primaryTask?.name == "label")
    let line = try read("path,label,label:line\n0.pgm,bad,A\n1.pgm,good,B\n", .init(tasks: ["line"]))
    #expect(line.tasks.map(\.name) == ["line"] && line.classes == ["A", "B"] && line.goodClass == nil)
    #expect(line.offeredTasks.count == 2)
    let plain = try read("path,label\n0.pgm,bad\n1.pgm,good\n")
    #expect(plain.tasks.isEmpty && plain.offeredTasks.isEmpty && plain.samples[0].targets.isEmpty)
    #expect(plain.classes == ["bad", "good"])
  }

  @Test func badValuesAreProblemsWithTheirLine() throws {
    pictures(3)
    let dataset = try read(
      "path,label:defect,level:grade,score:depth\n0.pgm,ok,II,1\n1.pgm,bad,1,\"1,5\"\n2.pgm,,,nan\n")
    #expect(dataset.problems.map(\.line) == [2, 3, 4, 4])
    #expect(dataset.problems.allSatisfy { $0.file == "parts.csv" })
    #expect(dataset.problems[0].cause.contains("II") && dataset.problems[1].cause.contains("1,5"))
    #expect(dataset.samples[0].targets == ["defect": .label("ok"), "depth": .value(1)], "the rest of the line counts")
    #expect(dataset.samples[2].targets.isEmpty)
  }

  @Test func unusableHeadersSayWhy() {
    pictures(1)
    func failure(_ header: String, _ options: DatasetOptions = .init()) -> String {
      do throws(DataError) {
        _ = try read(header + "\n0.pgm,a,b\n", options)
        return ""
      } catch { return error.description }
    }
    #expect(failure("path,label:a b,x").contains("a b"))
    #expect(failure("path,label:,x").contains("not at all"))
    #expect(failure("path,label:a,level:a").contains("the task a"))
    #expect(failure("path,label:a,label:b", .init(tasks: ["c"])).contains("there are a, b"))
    #expect(failure("path,label:a,label:b", .init(tasks: ["a", "a"])).contains("twice"))
    #expect(failure("path,label:a,label:b", .init(labels: .binary)).contains("binary"))
    #expect(failure("path,label:a,label:b", .init(goodClass: "z")).contains("there are a, b"))
    #expect(failure("path,label,x", .init(tasks: ["label"])).contains("leave --tasks out"))
  }

  @Test func elpvOffersTasksWhenAsked() throws {
    folder.write(
      "labels.csv",
      "images/a.png 0.0 mono\nimages/b.png 0.3333333333 poly\nimages/c.png 0.6666666667 mono\nimages/d.png 1.0 poly\n")
    for name in ["a", "b", "c", "d"] { folder.picture("images/\(name).png", seed: Int(name.utf8.first ?? 0)) }
    let plain = try DatasetReader.read(folder.path)
    #expect(plain.tasks.isEmpty && plain.classes.count == 4)
    let tasks = try DatasetReader.read(folder.path, options: .init(tasks: ["type", "defect", "probability"]))
    #expect(tasks.tasks.map(\.name) == ["type", "defect", "probability"])
    #expect(tasks.primaryTask?.name == "defect", "the one with a good class")
    #expect(tasks.samples.map(\.label) == ["functional", "functional", "defective", "defective"])
    #expect(tasks.tasks[2].levels == [0, 1.0 / 3, 2.0 / 3, 1])
    let survey = DataSurvey.run(plain)
    #expect(survey.tasks?.map(\.name) == ["defect", "type", "probability"])
    #expect(survey.tasks?[1].counts.mapValues { $0.values.reduce(0, +) } == ["mono": 2, "poly": 2])
    #expect(survey.text.contains("task probability (ordinal)"))
  }

  @Test func surveyCountsMissingTargets() throws {
    pictures(3)
    let survey = DataSurvey.run(try read("path,label:defect,score:depth\n0.pgm,ok,2\n1.pgm,,4\n2.pgm,bad,\n"))
    #expect(survey.tasks?.map(\.missing) == [1, 1])
    #expect(survey.tasks?[1].values == .init(smallest: 2, median: 4, largest: 4))
    #expect(survey.unlabelled == 0 && survey.text.contains("1 missing"))
  }
}
