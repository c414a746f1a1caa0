import CCodecs

/// How the pixels of a TIFF page are stored.
struct TIFFLayout {
  let width: Int
  let height: Int
  let bits: Int
  /// Samples stored per pixel, extra samples such as alpha included.
  let samplesPerPixel: Int
  /// Channels after decoding.
  let channels: Int
  let isSeparate: Bool
  let isInverted: Bool
  let isPalette: Bool
  let orientation: Int
  let depth: SampleDepth
  /// Tiles, or strips that are as wide as the image.
  let isTiled: Bool
  /// Each block is a JPEG.
  let isJPEG: Bool
  let blockWidth: Int
  let blockHeight: Int

  var stored: StoredHeader {
    StoredHeader(
      width: width, height: height, channels: channels, bitsPerSample: bits, orientation: orientation,
      depth: depth, codecBytes: blockBytes)
  }

  /// Strips or tiles of all planes, once the sides are known to be in bounds.
  var blockCount: Int {
    (width + blockWidth - 1) / blockWidth * ((height + blockHeight - 1) / blockHeight)
      * (isSeparate ? samplesPerPixel : 1)
  }

  /// Samples stored next to each other in a block.
  var interleaved: Int { isSeparate ? 1 : samplesPerPixel }
  /// Of a block, in bytes.
  var rowBytes: Int { (blockWidth * interleaved * bits + 7) / 8 }
  /// Of a strip or a tile, unpacked; what no machine has where the file says nonsense.
  var blockBytes: Int {
    let (bytes, overflow) = rowBytes.multipliedReportingOverflow(by: blockHeight)
    return overflow ? 1 << 48 : min(bytes, 1 << 48)
  }

  init(_ handle: TIFFHandle) throws(DecodingFailure) {
    width = handle.long(TIFFTAG_IMAGEWIDTH)
    height = handle.long(TIFFTAG_IMAGELENGTH)
    bits = handle.short(TIFFTAG_BITSPERSAMPLE, 1)
    samplesPerPixel = handle.short(TIFFTAG_SAMPLESPERPIXEL, 1)
    isSeparate = handle.short(TIFFTAG_PLANARCONFIG, Int(PLANARCONFIG_CONTIG)) == PLANARCONFIG_SEPARATE
    let stated = handle.short(TIFFTAG_ORIENTATION, 1)
    orientation = (1...8).contains(stated) ? stated : 1

    let format = Int32(handle.short(TIFFTAG_SAMPLEFORMAT, Int(SAMPLEFORMAT_UINT)))
    guard format != SAMPLEFORMAT_IEEEFP else {
      throw .unsupported(.tiff, "with \(bits)-bit floating-point samples", "scale it to 16-bit integers")
    }
    guard format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID else {
      throw .unsupported(.tiff, "with signed or complex samples", "convert it to unsigned 8- or 16-bit integers")
    }
    guard (1...16).contains(bits) else {
      throw .unsupported(.tiff, "with \(bits) bits per sample", "scale it to 16-bit integers")
    }
    let compression = handle.short(TIFFTAG_COMPRESSION, Int(COMPRESSION_NONE))
    guard TIFFIsCODECConfigured(UInt16(compression)) != 0, compression != COMPRESSION_OJPEG else {
      throw .unsupported(.tiff, "with compression \(compression)", "save it uncompressed, or with LZW or deflate")
    }
    isJPEG = compression == COMPRESSION_JPEG
    var photometric = Int32(handle.short(TIFFTAG_PHOTOMETRIC, samplesPerPixel >= 3 ? 2 : 1))
    if compression == COMPRESSION_JPEG, photometric == PHOTOMETRIC_YCBCR, !isSeparate {
      assay_tiff_want_rgb(handle.tiff)
      photometric = PHOTOMETRIC_RGB
    }
    isInverted = photometric == PHOTOMETRIC_MINISWHITE
    isPalette = photometric == PHOTOMETRIC_PALETTE
    switch photometric {
    case PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_MINISBLACK: channels = 1
    case PHOTOMETRIC_RGB, PHOTOMETRIC_PALETTE: channels = 3
    default:
      throw .unsupported(.tiff, "with colour space \(photometric) (TIFF's number)", "convert it to gray or RGB")
    }
    guard samplesPerPixel <= 16 else {
      throw .unsupported(.tiff, "with \(samplesPerPixel) samples per pixel", "convert it to gray or RGB")
    }
    guard samplesPerPixel >= (isPalette ? 1 : channels), !isPalette || bits <= 8 else {
      throw .corrupt(.tiff, "\(samplesPerPixel) samples of \(bits) bits cannot be colour space \(photometric)")
    }

    depth =
      bits == 16
      ? SampleDepth(white: SampleDepth.white(declared: handle.largestSample))
      : SampleDepth(full: bits > 8 ? 1 << bits - 1 : 65_535)

    isTiled = TIFFIsTiled(handle.tiff) != 0
    if isTiled {
      blockWidth = handle.long(TIFFTAG_TILEWIDTH)
      blockHeight = handle.long(TIFFTAG_TILELENGTH)
    } else {
      blockWidth = width
      blockHeight = min(height, max(1, handle.long(TIFFTAG_ROWSPERSTRIP, height)))
    }
    guard width == 0 || height == 0 || blockWidth > 0 && blockHeight > 0 else {
      throw .corrupt(.tiff, "its tiles have \(blockWidth) x \(blockHeight) pixels")
    }
  }
}
