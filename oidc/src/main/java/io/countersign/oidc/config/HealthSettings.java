// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

/** Where probes are answered: a port on all addresses, 0 for any that is free, and two different paths. */
public record HealthSettings(int port, String livePath, String readyPath) {}
