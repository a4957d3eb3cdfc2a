// SPDX-License-Identifier: Apache-2.0
/** Which of the methods for administrators and local programs one of them may call, and about what. */
@NullMarked
package io.countersign.server.role;

import org.jspecify.annotations.NullMarked;
