import Foundation

/// Certificates made by openssl for one test: an authority, a broker's for localhost, and a second authority.
enum Certificates {
  static func make(in folder: String) throws {
    for name in ["ca", "other"] {
      try Programs.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
          "-subj", "/CN=assay test \(name)", "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem",
        ])
    }
    try Programs.run(
      "openssl",
      [
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
        "-keyout", "\(folder)/broker.key", "-out", "\(folder)/broker.csr",
      ])
    try "subjectAltName=DNS:localhost".write(toFile: folder + "/names", atomically: true, encoding: .utf8)
    try Programs.run(
      "openssl",
      [
        "x509", "-req", "-in", "\(folder)/broker.csr", "-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", "\(folder)/names", "-out", "\(folder)/broker.pem",
      ])
  }
}
