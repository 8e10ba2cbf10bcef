/** How likely a gamma variable is to be at most x: the regularised incomplete gamma function. */

const TERMS_MAX = 10_000;
const PRECISION = 1e-14;

/** By its series (Abramowitz and Stegun 6.5.29), which converges for all x > 0; good to about ten digits. */
export function gammaBelow(x: number, shape: number, scale: number): number {
  const z = x / scale;
  if (z <= 0) return 0;
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; n < TERMS_MAX && term > sum * PRECISION; n++) {
    term *= z / (shape + n);
    sum += term;
  }
  return Math.min(1, sum * Math.exp(shape * Math.log(z) - z - logGamma(shape)));
}

/** ln Γ(x) for x > 0: Stirling's series, after x is raised above 10 by Γ(x + 1) = x Γ(x). */
function logGamma(x: number): number {
  let raised = x;
  let product = 1;
  while (raised < 10) product *= raised++;
  const inverse = 1 / (raised * raised);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / raised;
  return (raised - 0.5) * Math.log(raised) - raised + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
