// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

/** Where probes are answered: a port on all addresses, and two different paths. */
public record HealthSettings(int port, String livePath, String readyPath) {}
