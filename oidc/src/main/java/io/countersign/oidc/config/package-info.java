// SPDX-License-Identifier: Apache-2.0
/**
 * What oidc-discovery-provider.conf says, as values.
 */
@NullMarked
package io.countersign.oidc.config;

import org.jspecify.annotations.NullMarked;
