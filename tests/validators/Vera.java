import java.io.FileInputStream;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Validates files against flavours: Vera 3a,ua1 FILE... prints a line each, and the broken rules. */
public class Vera {
  public static void main(String[] arguments) throws Exception {
    LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    boolean well = true;
    for (int i = 1; i < arguments.length; i++) {
      for (String id : arguments[0].split(",")) {
        well &= passes(arguments[i], PDFAFlavour.byFlavourId(id));
      }
    }
    System.exit(well ? 0 : 1);
  }

  private static boolean passes(String file, PDFAFlavour flavour) throws Exception {
    try (FileInputStream input = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(input, flavour)) {
      ValidationResult result =
          Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
      System.out.println((result.isCompliant() ? "PASS " : "FAIL ") + flavour + " " + file);
      Set<String> broken = new LinkedHashSet<>();
      for (TestAssertion each : result.getTestAssertions()) {
        if (each.getStatus() == TestAssertion.Status.FAILED) {
          broken.add(each.getRuleId().getClause() + ": " + each.getMessage());
        }
      }
      broken.forEach(rule -> System.out.println("  " + rule));
      return result.isCompliant();
    }
  }
}
