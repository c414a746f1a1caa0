import AssayBase
import AssayInspection
import AssayStation

/// The JSON documents of the station's addresses, by name (OpenAPI 3.0.3). What an answer says in addition is allowed; what
/// a request says in addition is refused.
enum OpenAPISchemas {
  /// - Parameters:
  ///   - classes: that a part may be corrected to, of all models.
  ///   - labels: classes that have a threshold of their own.
  ///   - largestThreshold: of any model; nil where scores have no end.
  static func json(classes: [String], labels: [String], largestThreshold: Double?) -> String {
    let largest = largestThreshold.map { ",\"maximum\":\($0)" } ?? ""
    let value = "{\"type\":\"number\",\"minimum\":0\(largest)}"
    let label = labels.isEmpty ? "" : "\"class\":{\"type\":\"string\",\"enum\":[\(list(labels))]},"
    let wish = """
      {"oneOf":[\
      {"type":"object","required":["value"],"additionalProperties":false,\
      "properties":{"value":\(value),\(label)\(author)}},\
      {"type":"object","required":["undo"],"additionalProperties":false,\
      "properties":{"undo":{"type":"boolean","enum":[true]},\(author)}}]}
      """
    let correction = """
      {"type":"object","required":["class"],"additionalProperties":false,"properties":{\
      "class":{"type":"string"\(classes.isEmpty ? "" : ",\"enum\":[\(list(classes))]")},\
      "note":{"type":"string","maxLength":2000,"nullable":true}}}
      """
    return "{\"ThresholdWish\":\(wish),\"CorrectionWish\":\(correction),\(fixed)}"
  }

  private static func list(_ texts: [String]) -> String { texts.map(JSONText.quoted).joined(separator: ",") }

  private static let author = """
    "by":{"type":"string","maxLength":2000,"nullable":true},"reason":{"type":"string","maxLength":2000,"nullable":true},\
    "hash":{"type":"string","nullable":true,"description":"Of the bundle that the wish is about."}
    """

  private static let fixed =
    [general, inference, inspection, models, records].joined(separator: ",")

  private static let general = """
    "Text":{"type":"string"},"Bytes":{"type":"string","format":"binary"},\
    "Picture":{"type":"string","format":"binary","description":"An image file; what it is, is told by its content."},\
    "Form":{"type":"object","required":["image"],"additionalProperties":false,"properties":{\
    "image":{"type":"string","format":"binary"},"serial":{"type":"string","maxLength":200,\
    "pattern":"^[^\\\\x00-\\\\x1f\\\\x7f]*$"}}},\
    "Document":{"type":"object","required":["openapi","paths"]},\
    "Error":{"type":"object","required":["error"],"properties":{"error":{"type":"string"}}},\
    "Count":{"type":"integer","minimum":0},\
    "Seconds":{"type":"number","description":"Since 1970, UTC."}
    """

  private static let inference = """
    "Readiness":{"type":"object","required":["ready","recording"],"properties":{"ready":{"type":"boolean"},\
    "recording":{"type":"string"},"isRecording":{"type":"boolean"},"lost":{"$ref":"#/components/schemas/Count"},\
    "indexing":{"type":"object"}}},\
    "ServerMetadata":{"type":"object","required":["name","version","extensions"],"properties":{\
    "name":{"type":"string"},"version":{"type":"string"},"extensions":{"type":"array","items":{"type":"string"}}}},\
    "TensorMetadata":{"type":"object","required":["name","datatype","shape"],"properties":{"name":{"type":"string"},\
    "datatype":{"type":"string"},"shape":{"type":"array","items":{"type":"integer"}}}},\
    "ModelMetadata":{"type":"object","required":["name","versions","platform","inputs","outputs"],"properties":{\
    "name":{"type":"string"},"versions":{"type":"array","items":{"type":"string"}},"platform":{"type":"string"},\
    "inputs":{"type":"array","items":{"$ref":"#/components/schemas/TensorMetadata"}},\
    "outputs":{"type":"array","items":{"$ref":"#/components/schemas/TensorMetadata"}}}},\
    "Tensor":{"type":"object","required":["name","datatype","shape"],"properties":{"name":{"type":"string"},\
    "datatype":{"type":"string"},"shape":{"type":"array","items":{"type":"integer"}},\
    "parameters":{"type":"object"},"data":{"type":"array","items":{"nullable":true}}}},\
    "ImageFiles":{"type":"object","required":["name","datatype","shape","data"],"properties":{\
    "name":{"type":"string","enum":["image"]},"datatype":{"type":"string","enum":["BYTES"]},\
    "shape":{"type":"array","items":{"type":"integer","enum":[1]},"minItems":1,"maxItems":1},\
    "parameters":{"type":"object"},\
    "data":{"type":"array","items":{"type":"string","format":"image-base64"},"minItems":1,"maxItems":1}}},\
    "InferenceRequest":{"type":"object","required":["inputs"],"properties":{"id":{"type":"string"},\
    "parameters":{"type":"object","properties":{"binary_data_output":{"type":"boolean"}}},\
    "inputs":{"type":"array","minItems":1,"maxItems":1,"items":{"$ref":"#/components/schemas/ImageFiles"},\
    "description":"Image files as here, or a tensor as the model's metadata says."},\
    "outputs":{"type":"array","items":{"type":"object","required":["name"],"properties":{\
    "name":{"type":"string","enum":["verdict"]},"parameters":{"type":"object",\
    "properties":{"binary_data":{"type":"boolean"}}}}},"description":"As here, or others of the metadata."}}},\
    "InferenceResponse":{"type":"object","required":["model_name","model_version","outputs"],"properties":{\
    "model_name":{"type":"string"},"model_version":{"type":"string"},"id":{"type":"string"},\
    "parameters":{"type":"object"},"outputs":{"type":"array","items":{"$ref":"#/components/schemas/Tensor"}}}}
    """

  private static let inspection = """
    "Rectangle":{"type":"object","required":["x","y","width","height"],"properties":{"x":{"type":"number"},\
    "y":{"type":"number"},"width":{"type":"number"},"height":{"type":"number"}}},\
    "Verdict":{"type":"string","enum":["good","defect","classified","measured","unjudged"]},\
    "Inspection":{"type":"object","required":["model","version","time","verdict","class","isUncertain","milliseconds"],\
    "properties":{"id":{"type":"integer"},"recorded":{"type":"boolean"},"recordError":{"type":"string"},\
    "model":{"type":"string"},"version":{"type":"string"},"serial":{"type":"string"},\
    "time":{"type":"string","format":"date-time"},"verdict":{"$ref":"#/components/schemas/Verdict"},\
    "class":{"type":"string"},"probability":{"type":"number"},"score":{"type":"number"},\
    "threshold":{"type":"number"},"pValue":{"type":"number"},\
    "probabilities":{"type":"object","additionalProperties":{"type":"number"}},\
    "region":{"$ref":"#/components/schemas/Rectangle"},"regions":{"type":"array","items":{"type":"object"}},\
    "area":{"type":"number"},"found":{"type":"array","items":{"type":"object"}},\
    "tasks":{"type":"object"},"isUncertain":{"type":"boolean"},"isTrial":{"type":"boolean"},\
    "milliseconds":{"type":"number"},\
    "note":{"type":"string","description":"What a person should know of how the picture was read."},\
    "map":{"type":"string","format":"byte"}}}
    """

  private static let models = """
    "Threshold":{"type":"object","required":["value","rule","explanation"],"properties":{"value":{"type":"number"},\
    "rule":{"type":"string"},"rate":{"type":"number"},"explanation":{"type":"string"}}},\
    "Model":{"type":"object","required":["name","classes","judges","trainingImages","metrics","hasPrevious",\
    "hasValidation","canRetrain","state"],"properties":{"name":{"type":"string"},"version":{"type":"string"},\
    "hash":{"type":"string"},"task":{"type":"string"},"classes":{"type":"array","items":{"type":"string"}},\
    "goodClass":{"type":"string"},"threshold":{"$ref":"#/components/schemas/Threshold"},\
    "labelThresholds":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Threshold"}},\
    "uncertain":{"type":"object","required":["budget","parts","uncertain"],"properties":{"budget":{"type":"number"},\
    "below":{"type":"number"},"above":{"type":"number"},"probability":{"type":"number"},\
    "parts":{"$ref":"#/components/schemas/Count"},"uncertain":{"$ref":"#/components/schemas/Count"}}},\
    "uncertainty":{"type":"string"},"calibration":{"type":"string"},\
    "scale":{"type":"string","enum":["probability","score"]},"judges":{"type":"boolean"},\
    "whyNotJudging":{"type":"string"},"backbone":{"type":"string"},"licence":{"type":"string"},\
    "createdAt":{"type":"string","format":"date-time"},"loadedAt":{"$ref":"#/components/schemas/Seconds"},\
    "trainingImages":{"$ref":"#/components/schemas/Count"},"metrics":{"type":"array","items":{"type":"object",\
    "required":["name","value","count","on"],"properties":{"name":{"type":"string"},"value":{"type":"number"},\
    "low":{"type":"number"},"high":{"type":"number"},"count":{"$ref":"#/components/schemas/Count"},\
    "on":{"type":"string"},"planned":{"type":"number"}}}},"hasPrevious":{"type":"boolean"},"hasValidation":{"type":"boolean"},\
    "canRetrain":{"type":"boolean"},"whyNotRetraining":{"type":"string"},"failure":{"type":"string"},\
    "state":{"type":"string","enum":["served","outdated","failed"]},\
    "thresholdHistory":{"type":"object","required":["changes"],"properties":{\
    "undoable":{"$ref":"#/components/schemas/Change"},"changes":{"type":"array",\
    "items":{"$ref":"#/components/schemas/Change"}}}}}},\
    "Change":{"type":"object","required":["date","action","note"],"properties":{\
    "date":{"type":"string","format":"date-time"},"action":{"type":"string"},"by":{"type":"string"},\
    "reason":{"type":"string"},"note":{"type":"string"}}},\
    "Models":{"type":"object","required":["models","station"],"properties":{"models":{"type":"array",\
    "items":{"$ref":"#/components/schemas/Model"}},"station":{"$ref":"#/components/schemas/Station"}}},\
    "Station":{"type":"object","required":["time","zone","offset","dayStart","dayEnd","version"],"properties":{\
    "time":{"$ref":"#/components/schemas/Seconds"},"zone":{"type":"string","description":"Of the IANA's list."},\
    "offset":{"type":"integer","description":"Seconds by which the zone's clocks are ahead of UTC."},\
    "dayStart":{"$ref":"#/components/schemas/Seconds"},"dayEnd":{"$ref":"#/components/schemas/Seconds"},\
    "version":{"type":"string"}}},\
    "Validation":{"type":"object","required":["basis","scores","isDefect"],"properties":{"basis":{"type":"string"},\
    "scores":{"type":"array","items":{"type":"number"}},"isDefect":{"type":"array","items":{"type":"boolean"}},\
    "threshold":{"type":"number"},"tested":{"type":"object","required":["scores","isDefect"],"properties":{\
    "scores":{"type":"array","items":{"type":"number"}},"isDefect":{"type":"array","items":{"type":"boolean"}}}}}},\
    "Drift":{"type":"object","required":["isAlarm","hasReference","findings","gaps","hash","partsPerLook",\
    "rateInThousand"],"properties":{\
    "isAlarm":{"type":"boolean"},"hasReference":{"type":"boolean"},"reason":{"type":"string"},\
    "findings":{"type":"array","items":{"type":"object","required":["of","count","referenceCount","isAlarm","sudden"],\
    "properties":{"of":{"$ref":"#/components/schemas/DriftFigure"},"count":{"$ref":"#/components/schemas/Count"},\
    "referenceCount":{"$ref":"#/components/schemas/Count"},"statistic":{"type":"number"},"pValue":{"type":"number"},\
    "isAlarm":{"type":"boolean"},"sudden":{"type":"object","required":["count","isAlarm"],"properties":{\
    "count":{"$ref":"#/components/schemas/Count"},"statistic":{"type":"number"},"pValue":{"type":"number"},\
    "isAlarm":{"type":"boolean"}}},"distribution":{"type":"object","required":["edges","reference","latest"]}}}},\
    "gaps":{"type":"array","items":{"type":"object","required":["of","reason"],"properties":{\
    "of":{"$ref":"#/components/schemas/DriftFigure"},"reason":{"type":"string"}}}},"hash":{"type":"string"},\
    "partsPerLook":{"$ref":"#/components/schemas/Count"},"rateInThousand":{"type":"number"}}},\
    "DriftFigure":{"type":"string","enum":["score","brightness","features","novelty"]},\
    "Live":{"type":"object","required":["model","version","station","pace","counts","isAlarm","recording","queue","links",\
    "latest"],"properties":{"model":{"type":"string"},"version":{"type":"string"},"station":{"$ref":"#/components/schemas/Station"},"pace":{"type":"object",\
    "required":["partsPerMinute"]},"counts":{"type":"array","items":{"type":"object","required":["verdict","class",\
    "count"]}},"isAlarm":{"type":"boolean"},"recording":{"type":"string","enum":["sync","async","off"]},\
    "record":{"$ref":"#/components/schemas/Health"},"queue":{"$ref":"#/components/schemas/Count"},\
    "links":{"type":"array","items":{"type":"object","required":["name","isUp"]}},\
    "latest":{"type":"array","items":{"$ref":"#/components/schemas/RecordedInspection"}}}},\
    "Retraining":{"type":"object","required":["state"],"properties":{"state":{"type":"string",\
    "enum":["idle","running","done","failed"]},"model":{"type":"string"},\
    "startedAt":{"$ref":"#/components/schemas/Seconds"},"report":{"$ref":"#/components/schemas/RetrainReport"},\
    "error":{"type":"string"}}},\
    "RetrainingState":{"type":"object","required":["model","hash","canRetrain","isRunning","needed","partsNeeded",\
    "heldOutShare"],"properties":{"model":{"type":"string"},"hash":{"type":"string"},"canRetrain":{"type":"boolean"},\
    "whyNot":{"type":"string"},"isRunning":{"type":"boolean"},"collected":{"type":"object","required":["found","usable",\
    "disagreed","learned","withoutImage","otherClass","classes"],"properties":{\
    "found":{"$ref":"#/components/schemas/Count"},"usable":{"$ref":"#/components/schemas/Count"},\
    "disagreed":{"$ref":"#/components/schemas/Count"},"learned":{"$ref":"#/components/schemas/Count"},\
    "withoutImage":{"$ref":"#/components/schemas/Count"},"otherClass":{"$ref":"#/components/schemas/Count"},\
    "classes":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Count"}}}},\
    "needed":{"type":"array","items":{"type":"string"}},"partsNeeded":{"$ref":"#/components/schemas/Count"},\
    "heldOutShare":{"type":"number"},"last":{"$ref":"#/components/schemas/RetrainReport"}}},\
    "RetrainReport":{"type":"object","required":["bundle","corrected","used","learned","heldOut","old","new","isBetter",\
    "isPromoted","warnings"],"properties":{"bundle":{"type":"string"},"date":{"type":"string","format":"date-time"},\
    "oldHash":{"type":"string"},"newHash":{"type":"string"},"isBetter":{"type":"boolean"},\
    "isPromoted":{"type":"boolean"},"comparison":{"type":"object","required":["answer","gained","lost","pValue","reason"],\
    "properties":{"answer":{"type":"string","enum":["better","worse","cannotTell"]},\
    "gained":{"$ref":"#/components/schemas/Count"},"lost":{"$ref":"#/components/schemas/Count"},\
    "pValue":{"type":"number"},"partsNeeded":{"$ref":"#/components/schemas/Count"},"reason":{"type":"string"}}},\
    "changed":{"type":"array","items":{"type":"object","required":["part","label","isRightNow","wasRight"],\
    "properties":{"part":{"type":"string"},"record":{"type":"integer"},"label":{"type":"string"},\
    "old":{"type":"string"},"new":{"type":"string"},"isRightNow":{"type":"boolean"},"wasRight":{"type":"boolean"}}}},\
    "warnings":{"type":"array","items":{"type":"string"}}}}
    """

  private static let records = """
    "Health":{"type":"object","required":["recorded","lost"],"properties":{\
    "recorded":{"$ref":"#/components/schemas/Count"},"lost":{"$ref":"#/components/schemas/Count"},\
    "failure":{"type":"string"},"unreadable":{"$ref":"#/components/schemas/Count"},"indexing":{"type":"object"}}},\
    "Correction":{"type":"object","required":["time","class"],"properties":{\
    "time":{"$ref":"#/components/schemas/Seconds"},"verdict":{"type":"string","enum":["good","defect"]},\
    "class":{"type":"string"},"note":{"type":"string"}}},\
    "RecordedInspection":{"type":"object","required":["id","time","bundle","bundleHash","verdict","class",\
    "milliseconds","isUncertain","imageHash","width","height","hasHeat","hasImage","isTrial"],"properties":{\
    "id":{"type":"integer"},"time":{"$ref":"#/components/schemas/Seconds"},"serial":{"type":"string"},\
    "bundle":{"type":"string"},"bundleHash":{"type":"string"},"verdict":{"type":"string",\
    "enum":["good","defect","classified","measured","unjudged","error"]},"class":{"type":"string"},\
    "score":{"type":"number"},"threshold":{"type":"number"},"probability":{"type":"number"},\
    "milliseconds":{"type":"number"},"isUncertain":{"type":"boolean"},"featureDistance":{"type":"number"},"brightness":{"type":"number"},\
    "imageHash":{"type":"string"},"width":{"$ref":"#/components/schemas/Count"},\
    "height":{"$ref":"#/components/schemas/Count"},"hasHeat":{"type":"boolean"},"hasImage":{"type":"boolean"},\
    "isTrial":{"type":"boolean"},"correction":{"$ref":"#/components/schemas/Correction"}}},\
    "Records":{"type":"object","required":["records","state"],"properties":{"records":{"type":"array",\
    "items":{"$ref":"#/components/schemas/RecordedInspection"}},"searchedTo":{"type":"integer"},\
    "total":{"$ref":"#/components/schemas/Count"},"totalIsAtLeast":{"type":"boolean"},\
    "state":{"$ref":"#/components/schemas/Health"}}},\
    "Record":{"type":"object","required":["record","corrections"],"properties":{\
    "record":{"$ref":"#/components/schemas/RecordedInspection"},\
    "corrections":{"type":"array","items":{"$ref":"#/components/schemas/Correction"}}}},\
    "KeptAnswer":{"anyOf":[{"$ref":"#/components/schemas/Inspection"},{"$ref":"#/components/schemas/Error"}]}
    """
}
