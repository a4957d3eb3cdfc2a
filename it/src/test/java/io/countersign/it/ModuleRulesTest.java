// SPDX-License-Identifier: Apache-2.0
package io.countersign.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.countersign.it.process.Programs;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of ARCHITECTURE.md, on the jars of the distribution. */
class ModuleRulesTest {
    private static final List<String> PROGRAMS =
            List.of("server", "agent", "helper", "sidecar", "oidc", "backend", "frontend", "intruder", "stack");

    private static JavaClasses ours;

    @BeforeAll
    static void read() throws Exception {
        var lib = Programs.COUNTERSIGN.resolveSibling("../lib").normalize();
        var own = new ArrayList<JarFile>();
        try (var jars = Files.newDirectoryStream(lib, "countersign-*.jar")) {
            for (var jar : jars) {
                own.add(new JarFile(jar.toFile()));
            }
        }
        assertTrue(own.size() > PROGRAMS.size(), own::toString);
        ours = new ClassFileImporter().importJars(own);
    }

    private static String of(String module) {
        return "io.countersign." + module + "..";
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "agent", "helper", "sidecar", "oidc", "backend", "frontend", "intruder", "stack"})
    void noProgramKnowsAnother(String program) {
        var others = PROGRAMS.stream()
                .filter(other -> !other.equals(program))
                .map(ModuleRulesTest::of)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(of(program))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(ours);
    }

    @Test
    void valuesNeedNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("io.countersign.spiffe..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.countersign.spiffe..", "java..", "javax..", "org.jspecify..")
                .check(ours);
    }

    @Test
    void whatOthersImplementNeedsNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("io.countersign.plugin..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.countersign.plugin..", "java..", "org.jspecify..")
                .check(ours);
    }

    @Test
    void nettyStaysWhereBytesMove() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.countersign.rpc..", "io.countersign.sidecar..", "io.countersign.oidc.http..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(ours);
    }

    @Test
    void enginesAndPlumbingKnowNeitherCallsNorPrograms() {
        var forbidden =
                new ArrayList<>(PROGRAMS.stream().map(ModuleRulesTest::of).toList());
        forbidden.addAll(List.of("io.grpc..", "com.google.protobuf.."));
        noClasses()
                .that()
                .resideInAnyPackage(of("ca"), of("datastore"), of("launch"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden.toArray(String[]::new))
                .check(ours);
    }

    @Test
    void whoSignsKnowsNoDatabaseAndWhoStoresDoesNotSign() {
        noClasses()
                .that()
                .resideInAPackage(of("ca"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", of("datastore"))
                .check(ours);
        noClasses()
                .that()
                .resideInAPackage(of("datastore"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle..", of("ca"))
                .check(ours);
    }

    /** JSSE calls its own things managers; helper is a program's name. */
    @Test
    void noNameSaysNothing() {
        classes()
                .that()
                .areNotAssignableTo(KeyManager.class)
                .and()
                .areNotAssignableTo(TrustManager.class)
                .should()
                .haveNameNotMatching(".*(Impl|Manager|Utils|[a-z]Helper)")
                .because("a name says what a class does")
                .check(ours);
    }
}
