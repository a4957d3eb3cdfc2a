// SPDX-License-Identifier: Apache-2.0
/** What the tools of operators write. */
@NullMarked
package io.countersign.server.files;

import org.jspecify.annotations.NullMarked;
