import Testing

import AssayWorkflows
