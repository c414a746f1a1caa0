package import AssayHTTP
package import AssayStation

/// What a station and its HTTP interface can be told, in one.
@dynamicMemberLookup
package struct TestOptions {
  package var station: StationOptions
  package var http = HTTPOptions()

  package init(bundle: String) { station = StationOptions(bundles: [bundle]) }

  package subscript<Value>(dynamicMember path: WritableKeyPath<StationOptions, Value>) -> Value {
    get { station[keyPath: path] }
    set { station[keyPath: path] = newValue }
  }

  package subscript<Value>(dynamicMember path: WritableKeyPath<HTTPOptions, Value>) -> Value {
    get { http[keyPath: path] }
    set { http[keyPath: path] = newValue }
  }
}
