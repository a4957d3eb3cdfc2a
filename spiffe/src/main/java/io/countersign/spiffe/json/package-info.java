// SPDX-License-Identifier: Apache-2.0
/**
 * JSON (RFC 8259) read strictly: a member named twice, a byte order mark, deep nesting and trailing text are refused,
 * because two parsers that disagree on a token or a bundle are a way in.
 */
@NullMarked
package io.countersign.spiffe.json;

import org.jspecify.annotations.NullMarked;
